"""The offline chat model: the same agent and tools without a key or a network.

A question goes one way. `plan` takes it apart: `clauses` covers its names, `parts` finds the questions that stand side
by side, `nested` those that stand in another, and what is left are steps that one report each answers. `decision` reads
a step (`draft`) and chooses its tool (`intents`, `call`, `calling`); `slots` and `bridges` fill in what earlier steps
found, and `again` and `followup` read what leans on the conversation. `moves` says which calls can be made now, and
`answer` writes the answer from what came of all of them.
"""

from __future__ import annotations

from langchain_dbt_discovery.offline.model import OfflineChatModel

__all__ = ["OfflineChatModel"]
