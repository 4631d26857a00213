"""The phrases by which people ask for a person, as patterns over plain clauses.

`ASKS` and `BARE` find a request, `AGAINST_BOTS` a refusal to talk with a machine, which asks as
well. What a negation, a condition or a told story makes of a request is judged in `stance`. Where
a pattern has a group `ask`, the request begins there and not at the words before it.
"""

from __future__ import annotations

import re

from handoff.monitor.vocabulary import (
    ADVERB,
    ANYWHERE,
    BOT,
    COUNTER,
    FRONT,
    GET,
    HELP,
    HUMAN,
    MACHINE,
    ME,
    PERSON,
    PLACE,
    REACH,
    REAL_PERSON,
    ROUTE,
    ROUTED,
    ROUTING,
    SOMEBODY,
    SPEAK,
    SPEAKING,
    STAFF,
    THROUGH,
    TO,
    WHICH,
)

_SPEAK_TO_A_PERSON = (
    rf"\b{SPEAK}(?: {ADVERB}){{0,2}} {TO} (?:{ANYWHERE}|{COUNTER})",
    rf"\b(?:talk|speak|chat) {STAFF}",
    (
        rf"\b(?:help|assistance|assist|mind|prefer|like|try|about|comfortable|interested in|for"
        rf"|me|of|on|better|rather be|appreciate|love|consider)"
        rf" (?P<ask>{SPEAKING}(?: {ADVERB})? {TO} {ANYWHERE})"
    ),
    rf"^{SPEAKING}(?: {TO})? {PERSON}",
    rf"\b{REACH} {PERSON}",
    rf"\b(?:get|put) (?:me|us) in (?:touch|contact) with {ANYWHERE}",
    rf"\b(?:help|me|assistance|trying|like|for|of) (?P<ask>contacting {PERSON})",
    rf"\b(?:to|can i|could i) (?P<ask>(?:call|phone) {STAFF})",
    # somebody I can talk to; who can I talk to
    (
        rf"\b{PERSON}(?: (?:else|there|here|available|around|real|that|who|whom|at \w+))*"
        rf" (?:(?:i|we) (?:can|could|may|might)|(?:i|we)d|to) (?:\w+ )?(?:talk|speak|chat)\b"
    ),
    rf"\bwho (?:else )?(?:can|could|may) (?:i|we) (?:\w+ )?(?:talk|speak|chat) {TO}\b",
    # I'd like to raise this with a supervisor
    (
        rf"\b(?:i|id|we|wed|please|can|could|let me|how do i) (?:\w+ ){{0,3}}"
        rf"(?P<ask>(?:raise|take|bring|discuss|make|file|lodge|go)"
        rf"(?: (?:this|it|that|up|a|my|complaint|issue|matter)){{1,4}} (?:to|with) {PERSON})"
    ),
)
_NOT_MONEY = (
    r"(?! \S*\d)(?! (?:the|an?|my|your|this|that|some|any|our)\b)(?! (?:money|funds|cash|back)\b)"
    r"(?! to (?:\w+ ){0,3}(?:account|card|savings|flight|seat|room(?! service)|plan|wallet)\b)"
)
_BE_ROUTED = (
    rf"(?P<ask>(?:to )?(?:be|being|get|getting) {ROUTED}(?: (?:over|through))?"
    rf"(?: (?:to|with) {ANYWHERE}|$))"
)
_TRANSFER_ME = (
    rf"\b{ROUTE} {ME}(?: {THROUGH}){{0,2}} {TO} {PERSON}",
    (
        rf"\b(?:transfer|connect|switch|change|direct|redirect|escalate|pass)(?: {THROUGH})?"
        rf" {TO}(?: me)? {ANYWHERE}"
    ),
    (
        rf"\b(?:escalate|pass|hand|transfer|refer) (?:it|everything|(?:this|that|my|the)"
        rf"(?: \w+){{0,2}})(?: {THROUGH})? (?:to|with) {STAFF}"
    ),
    rf"\b(?:escalate|pass|refer) (?:this|it)(?: {THROUGH})? (?:to|with) {SOMEBODY}\b",
    rf"\btransfer {ME}\b{_NOT_MONEY}",
    (
        rf"\b(?:pass|connect|put|forward|switch) {ME}(?: {THROUGH})? (?:to|with)"
        rf" (?:(?:the |your )?{PLACE}\b|{COUNTER})"
    ),
    r"\b(?:put|patch|connect) (?:me|us|you) through\b|\bhand (?:me|us|this) over\b",
    (
        r"^(?:(?:please|just|yes|can|could|you|now) )*(?:connect|transfer) (?:me|us)"
        r"(?: (?:please|now|already|then))*$"
    ),
    (
        r"(?:^|\b(?:please|you|and|or|then|just|to|could|can|maybe) )"
        r"(?P<ask>escalate(?: (?:this|it|that|me|my \w+)\b|$))"
    ),
    r"\b(?:want|like|need|get|have) (?:this|it|my \w+) (?:to be )?escalated\b",
    (
        rf"(?:^|\b(?:mind|about|consider|appreciate|with|try|perfect|and|me) )(?P<ask>{ROUTING} "
        rf"(?:{ME} |it |this |reservation \w+ |my \w+ )?(?:to|with|through|over to) {PERSON})"
    ),
    # I'd like to be transferred; can I be put through
    (
        rf"\b(?:i|id|im|we|wed) (?:\w+ ){{0,3}}(?:want|like|love|prefer|need|wish|appreciate|ask"
        rf"|asking|requesting|ok|okay|fine|happy|rather) (?:with |about )?{_BE_ROUTED}"
    ),
    rf"\b(?:possible|can i|could i|may i) {_BE_ROUTED}",
    rf"\b(?:can|could) (?:this|it|my \w+) be (?:\w+ ){{1,3}}(?:by|with|to) {STAFF}",
)
_AFTER = (
    r"(?= (?:please|now|to|who|that|on|in|for|here|instead|asap|immediately|right|already|and|or"
    r"|because|cause|about|help|rather|thanks|from|with|today|again|then|not|at|of|if|as|before"
    r"|when|since|me|look|involved|can|this|ffs|call|review|contact|so|i|you|once|twice|several"
    r"|two|three|\d+|many)\b|$)"
)
_GET_ME_A_PERSON = (
    rf"\b{GET} (?:{STAFF}|{WHICH}person\b){_AFTER}",
    rf"\b{GET} (?:real |some |a )*(?:human|live) (?:help|assistance|support|contact)\b",
    (
        rf"\b(?:need|want|like|prefer|require|get) (?:some |an? )?(?:help|assistance|support"
        rf"|advice|call|call ?back|answer|reply|response) from {PERSON}"
    ),
    rf"\b(?:get|find|call|want|need)(?: me)? {SOMEBODY} (?:from|at) (?:the |your )?\w+\b",
    (
        rf"\b(?:get|give|find|bring)(?: me| us)?(?: to)?(?: hold of)? (?:a )?{SOMEBODY} (?:else"
        rf"|real|human|in charge|on the (?:line|phone)|to (?:help|assist|talk|speak|chat|call))\b"
    ),
    rf"\b(?:get|give) me {SOMEBODY} (?:who|that)\b",
    rf"\b(?:want|need|prefer|like) {SOMEBODY} (?:real|human|in charge|in person|who is human)\b",
    rf"\b{SOMEBODY} (?:who|that)(?: is|s)? (?:not|isnt|actually) (?:{MACHINE}|(?:a )?{HUMAN})\b",
    rf"\bwhere (?:are|is) {WHICH}(?:{HUMAN}|people|person)\b",
)
_LET_A_PERSON = (
    (
        rf"\b(?:is|are|isnt|arent) there (?:{WHICH}(?:{HUMAN}|{FRONT}|person|people)|{SOMEBODY}"
        rf" else)(?: (?:there|here|available|around|online|working|on|i|we|who|that|to|please|now"
        rf"|free|nearby)\b|$)"
    ),
    (
        rf"\b(?:do|dont) you(?: guys)? have {WHICH}(?:{HUMAN}|{FRONT}|person)"
        rf"(?: (?:there|here|available|around|online|i|we|who|please|now|free)\b|$)"
    ),
    (
        rf"\b(?:is|isnt|are) (?:there )?{PERSON} (?:(?:there |here )?(?:available|around|online)"
        rf"(?: to (?:talk|speak|chat)| now| please|$)|real\b|above you\b)"
    ),
    rf"\bthere {SOMEBODY} (?:human\b|(?:from|on|in|at) (?:your|the) (?:team|staff|office|end)\b)",
    (
        rf"\b(?:can|could|may|would|will|have|let|get) (?:{STAFF}|{SOMEBODY} (?:else|real|human)"
        rf"|{REAL_PERSON}) (?:please )?{HELP}\b"
    ),
    (
        rf"\b{PERSON} (?:(?:from|at|in) (?:\w+ ){{1,2}})?(?:needs to|should|must|has to|better)"
        r" (?:call|contact|talk to|speak to|email) (?:me|us)\b"
    ),
    rf"\b{STAFF} (?:needs to|should|must|has to|ought to) (?:please )?{HELP}\b",
    rf"\b(?:let|ask) {STAFF} (?:to )?(?!know\b|who\b|that\b|if\b|about\b|for\b)\w+",
    rf"\bput {PERSON} on\b|\bgetting {STAFF} (?:involved|to)\b",
    rf"\bwhen (?:will|is|can) {STAFF} (?:be )?(?:available|free|here|there|join|online|with me)\b",
    (
        rf"\b(?:can|could|have|get|need|want|like) {PERSON} (?:to )?(?:please )?"
        r"(?:call|phone|ring) (?:me|us)\b"
    ),
)
_AGAINST_BOTS = (
    (
        rf"\b(?:dont|wont|not|refuse|hate|no longer) (?:want |wish |like |need |care |going "
        rf"|willing |here )?(?:to )?(?:be )?(?:{SPEAK}|{SPEAKING}|deal|discuss \w+|interact)"
        rf"(?: any ?(?:more|longer))? {TO}"
        rf" (?:{MACHINE}|you(?= any ?more| any longer| again| now|$))"
    ),
    (
        rf"\b(?:dont|not) (?:want|need|like)(?: to use| to have)? {BOT}"
        rf"(?= any ?more| please| answering| to (?:answer|talk)|$)"
    ),
    (
        rf"\b(?:stop|tired of|sick of|fed up (?:with|of)|wast\w+ (?:my |any |more )*time(?: here)?"
        rf"|done|enough of|no more) (?:(?:talking|speaking|chatting|dealing|arguing|messing"
        rf"|typing|talk|with|to) ){{0,3}}{MACHINE}"
    ),
    rf"\b(?:not|dont)(?: \w+){{0,2}} comfortable\b.{{0,60}}\b{MACHINE}",
    rf"\buncomfortable\b.{{0,60}}\b{MACHINE}",
    rf"\bdont trust {MACHINE}",
    rf"\b(?:bypass|skip|exit|leave|quit|get (?:around|past)) {BOT}(?: please| now|$)",
    rf"\bget me (?:off|out of|away from) {MACHINE}",
    rf"^(?:please )?(?:no|stop|quit|exit) (?:more )?{BOT}(?: please)?$",
)

ASKS = tuple(
    re.compile(pattern)
    for pattern in (*_SPEAK_TO_A_PERSON, *_TRANSFER_ME, *_GET_ME_A_PERSON, *_LET_A_PERSON)
)
BARE = re.compile(
    rf"^(?:(?:please|just|i said|hi|hello|hey|yes|ok|okay|again) )*"
    rf"(?:{STAFF}|{WHICH}(?:real|live|actual|human|physical) (?:person|one|assistant)"
    rf"|{WHICH}person please|{SOMEBODY} (?:real|human)|customer (?:service|support|care)|reception"
    rf"|(?:human|live) (?:support|help)|(?:\w+ )?(?:team|department|reception|service) please)"
    rf"(?: (?:please|now|asap|instead|already|required|needed|thanks|agent|human))*$"
)
"""A whole clause that only names whom it wants: "agent please"."""
AGAINST_BOTS = tuple(re.compile(pattern) for pattern in _AGAINST_BOTS)
