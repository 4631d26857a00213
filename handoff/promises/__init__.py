"""What the assistant's words claim, held against what has happened in the conversation.

`Deeds` are cut from the log; `claims` finds claims of a completed action in a sentence, and
`announced_person` a person whom a reply announces. English only. Pure: no model, no clock.
"""

from handoff.promises.claims import Claim, begins_claim, claims, may_claim
from handoff.promises.clauses import sentence_end
from handoff.promises.deeds import Deeds, deeds_of, false_claim
from handoff.promises.person import Announced, announced_person

__all__ = [
    "Announced",
    "Claim",
    "Deeds",
    "announced_person",
    "begins_claim",
    "claims",
    "deeds_of",
    "false_claim",
    "may_claim",
    "sentence_end",
]
