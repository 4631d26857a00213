"""The English words for people, machines and getting in touch, as patterns over plain text.

What is capitalised is used by `phrases` and `stance`; each matches whole words and binds nothing.
"""

from __future__ import annotations

_ARTICLE = (
    r"(?:an?|the|your|some|any|one of your|one of the|your own|some of your|either an?|just an?"
    r"|this|that)"
)
_KIND = (
    r"(?:real|live|living|alive|human|actual|physical|proper|genuine|different|another|other|new"
    r"|customer|client|support|service|care|help|desk|sales|billing|bank|technical|senior|trained"
    r"|qualified|professional|better|competent|available|next|duty|general|branch|shop|store|damn"
    r"|goddamn|bloody|f\S*ing|f\*+)"
)
WHICH = rf"(?:(?:{_ARTICLE}|{_KIND}) ){{0,5}}"
_WHICH_ONE = rf"(?:(?:{_ARTICLE}|{_KIND}) ){{1,5}}"

HUMAN = r"(?:humans?|human ?beings?)"
FRONT = r"(?:agent|representative|rep|operator|advis[eo]r|staff member|member of staff)s?"
_ROLE = (
    rf"(?:{FRONT}|supervisors?|managers?|specialists?|employees?|staff|members? of (?:the |your )?"
    r"(?:staff|team)|(?:bank )?workers?|consultants?|tellers?|clerks?|colleagues?|receptionists?"
    r"|technicians?|boss|superiors?|higher ?ups?|professionals?|associates?)"
)
SOMEBODY = r"(?:someone|somebody|anyone|anybody)"
PLACE = (
    r"(?:(?:customer |client |technical |tech )?(?:service|services|support|care)|reception"
    r"|front desk|help ?desk|concierge|management|call cent(?:er|re)|(?:\w+ )?(?:team|department)"
    r"|room service|restaurant)"
)
_OTHER_AGENT = (
    r"(?:travel|estate|letting|rental|insurance|booking|ticket|cleaning|shipping|delivery|secret"
    r"|free|user|tax) agents?"
)
COUNTER = (
    rf"(?:the|your|someone (?:at|from|in)) (?!{_OTHER_AGENT}|point\b|topic|subject|wall|hand\b|page"
    r"|(?:ro|chat)?bot|assistant|machine|computer|system|ai\b|virtual|app\b|wifi|internet|network"
    r"|other (?:party|side)|\w* ?voice)\w+"
)
"""Whoever stands behind a counter: "the reception", "your billing people"."""
STAFF = rf"{WHICH}(?:{HUMAN}|{_ROLE})\b(?! resources| error)"
ASSISTANT = rf"(?:an? |another |{_KIND} ){{1,4}}assistants?\b"
REAL_PERSON = rf"{WHICH}(?:real|live|living|actual|human|physical|another|other|different) person\b"
PERSON = rf"(?:{STAFF}|{_WHICH_ONE}(?:person|people|individual)\b|{WHICH}{SOMEBODY}\b|{ASSISTANT})"
ANYWHERE = rf"(?:{PERSON}|person\b|{WHICH}{PLACE}\b)"

_SUCH = (
    r"(?:(?:an?|the|this|your|any|some|these|those|stupid|dumb|useless|automated|virtual|damn"
    r"|f\S*ing|bloody|more|talking|and|or|mere) ){0,4}"
)
_BOT = (
    r"(?:(?:ro|chat ?)?bots?|ai|automated (?:system|agent|assistant|service|response)s?"
    r"|virtual (?:agent|assistant)s?|llm)"
)
BOT = rf"{_SUCH}{_BOT}\b"
MACHINE = rf"{_SUCH}(?:{_BOT}|machines?|computers?|algorithms?|software|programs?|recordings?)\b"

TO = r"(?:to|2|with|through to|at)"
SPEAK = (
    r"(?:talk|speak|chat|communicate|converse|complain|discuss(?: \w+){1,4}"
    r"|have an? (?:\w+ )?(?:chat|talk|word|conversation)|get on the (?:phone|line))"
)
SPEAKING = r"(?:talking|speaking|chatting|communicating|dealing)"
REACH = (
    r"(?:contact|reach|get (?:a )?hold of|get in touch with|get through to|hear (?:it |this )?from)"
)
ADVERB = (
    r"(?:directly|right now|now|instead|straight|please|again|privately|urgently|just|in person)"
)
ROUTE = (
    r"(?:transfer|connect|put|pass|hand|switch|forward|redirect|direct|refer|patch|route|send|move"
    r"|bring|get|escalate|take)"
)
ROUTING = r"(?:transferring|connecting|putting|passing|switching|handing|escalating)"
ROUTED = r"(?:transferred|connected|put through|passed on|escalated|handed over|moved)"
ME = r"(?:me|us|you|(?:my|this) (?:call|case|chat|issue|complaint|conversation))"
THROUGH = r"(?:over|up|through|directly|straight|back|right|now|on|please|immediately|instead)"
GET = (
    r"(?:want|needs?|require|demand|request|prefer|asking for|ask for|asked for|want to see"
    r"|deal with"
    r"|(?:would|id|ill) (?:really )?(?:like|prefer|love|take|have)"
    r"|(?:get|give|find|bring|fetch|page|let me have|let me see)(?: me| us)?(?: to)?"
    r"|(?:can|could|may) (?:i|we|you) (?:please )?(?:have|see|get|involve|bring in))"
)
HELP = (
    r"(?:help|look|call|contact|review|take|check|handle|assist|deal|talk|speak|chat|do"
    r"|respond|answer|reply|approve|step|join|explain|ring|phone|sort|fix|message|get|decide|read"
    r"|email)"
)
