"""The words of the field: records, filters, periods, reports."""
