"""What reports should hold, by plain loops over the sandbox's raw records. No code of the product is used."""
