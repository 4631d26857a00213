"""A configuration: what it may say, and how it is told what is wrong."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from handrail.config import Config, data_folder, load
from handrail.problems import ConfigError, Problem

SMALLEST = "customers: {anonymous: true}\nmodel: {name: m}\n"
TOOLS = """\
customers: {anonymous: true}
model: {name: m}
tools_secret: s
tools:
  get_order:
    http: {url: "http://127.0.0.1:1/get_order"}
    description: Look an order up
    effect: read
    arguments: {type: object, properties: {order_id: {type: string}}}
  issue_refund:
    http: {url: "http://127.0.0.1:1/issue_refund", timeout_s: 5}
    description: Refund an order
    effect: write
    idempotency: key
    arguments: {type: object, properties: {order_id: {type: string}, amount: {type: number}}}
    money: {amount: args.amount, currency: USD, direction: to_customer}
    target: args.order_id
    evidence:
      order: {tool: get_order, arguments: {order_id: args.order_id}}
    rules:
      - {when: 'evidence.order.customer != customer.id', then: deny, because: "not theirs"}
      - {when: 'money.minor > 5000', then: hold, risk: high, because: "over $50"}
      - {then: allow}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def read(file: Path, text: str, **environ: str) -> Config:
    file.write_text(dedent(text))
    return load(file, environ=environ)


def told(file: Path, text: str, **environ: str) -> list[str]:
    """The problems of a configuration, without the name of its file."""
    with pytest.raises(ConfigError) as error:
        read(file, text, **environ)
    lines = str(error.value).splitlines()
    assert all(line.startswith(f"{file}:") for line in lines)
    return [line.removeprefix(f"{file}:") for line in lines]


def test_the_smallest_configuration_gets_the_defaults(file: Path) -> None:
    config = read(file, SMALLEST)

    assert config.gateway.port == 8080
    assert config.customers.reopen_within_s == 24 * 3600
    assert config.redis.url is None
    assert config.monitor is not None
    assert config.data == file.parent / "data"


def test_tools_are_read_whole(file: Path) -> None:
    tool = read(file, TOOLS).tools["issue_refund"]

    assert tool.http.timeout_s == 5
    assert tool.money is not None
    assert tool.money.direction == "to_customer"
    assert [rule.then for rule in tool.rules] == ["deny", "hold", "allow"]
    assert tool.evidence["order"].tool == "get_order"


def test_interrupting_limits_on_tokens_and_drafts_are_read(file: Path) -> None:
    config = read(
        file,
        SMALLEST
        + "assistant: {on_new_message: interrupt}\n"
        + "limits: {tokens_per_conversation: 9, tokens_per_customer: 99, tokens_per_day: null}\n"
        + "monitor: {before_certified: draft}\n",
    )

    assert config.assistant.on_new_message == "interrupt"
    assert config.limits.steps_per_turn == 30
    assert config.limits.tokens_per_conversation == 9
    assert config.limits.tokens_per_customer == 99
    assert config.limits.tokens_per_day is None
    assert config.monitor is not None
    assert config.monitor.before_certified == "draft"


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ("assistant: {on_new_message: never}", "assistant.on_new_message"),
        ("limits: {tokens_per_day: 0}", "limits.tokens_per_day"),
        ("monitor: {before_certified: never}", "monitor.before_certified"),
    ],
)
def test_what_these_do_not_know_is_refused(file: Path, wrong: str, key: str) -> None:
    (line,) = told(file, f"{SMALLEST}{wrong}\n")

    assert line.startswith(f"3: {key}: must be")


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one(file: Path) -> None:
    assert told(file, SMALLEST + "assistant:\n  nam: Ada\n") == [
        "4: assistant.nam: unknown key; did you mean name?"
    ]


def test_an_unknown_section_far_from_any_other_gets_the_list(file: Path) -> None:
    (line,) = told(file, SMALLEST + "xyzzy: 1\n")

    assert line.startswith("3: xyzzy: unknown key; known are model, customers, gateway")


@pytest.mark.parametrize(
    "key",
    [
        "topics: {}",
        "webhooks: []",
        "archive: {}",
        "queues: {}",
        "handover: {}",
        "monitor: {max_error: 5%}",
        "assistant: {knowledge: ./k}",
        "monitor: {always_handover: [legal]}",
        "widget: {before_chat: []}",
    ],
)
def test_what_comes_later_is_not_available_yet(file: Path, key: str) -> None:
    (line,) = told(file, f"{SMALLEST}{key}\n")

    assert line.startswith("3: ")
    assert line.endswith("not available yet")


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ("gateway: {port: 99999}", "gateway.port: must be a whole number from 0 to 65535"),
        ("gateway: {port: high}", "gateway.port: must be a whole number from 0 to 65535"),
        ("gateway: {origins: [shop.example]}", "gateway.origins[0]: must match"),
        ("gateway: [1]", "gateway: must be a mapping"),
        ("limits: {steps_per_turn: 0}", "limits.steps_per_turn: must be a whole number from 1 to"),
        ("limits: {steps_per_turn: 2.5}", "limits.steps_per_turn: must be a whole number"),
        ("holds: {then: approve}", "holds.then: must be follow_up or reject"),
        ("holds: {escalate_to: agent}", "holds.escalate_to: must be"),
        ("holds: {expires_in: 20}", "holds.expires_in: must be a duration"),
        ("monitor: maybe", "monitor: must be on, off or a mapping"),
        ("redis: {url: localhost}", "redis.url: must match"),
        ("redis: {shards: 0}", "redis.shards: must be a whole number from 1"),
        ("widget: {colour: red}", "widget.colour: must match"),
        ("widget: {suggestions: where}", "widget.suggestions: must be a list"),
        ("assistant: {instructions: ./none.md}", "assistant.instructions: cannot be read"),
        ("data:", "data: must be a text"),
        ("data: a\ndata: b", "data: stands here a second time"),
    ],
)
def test_a_wrong_value_is_told_what_is_allowed(file: Path, wrong: str, what: str) -> None:
    (line,) = told(file, f"{SMALLEST}{wrong}\n")

    assert what in line
    assert line.split(":")[0] in ("3", "4")


def test_every_problem_is_told_at_once_in_the_order_of_the_file(file: Path) -> None:
    lines = told(file, "model: {}\ngateway: {port: x}\nredis: {shards: x}\n")

    assert [line.split(": ")[1] for line in lines] == [
        "customers",
        "model.name",
        "gateway.port",
        "redis.shards",
    ]


def test_a_syntax_error_names_its_line(file: Path) -> None:
    (line,) = told(file, "model: {name: m}\ncustomers: {\n")

    assert line.startswith("3: is not YAML")


@pytest.mark.parametrize("text", ["", "- a\n", "word\n"])
def test_a_file_without_sections_is_refused(file: Path, text: str) -> None:
    assert told(file, text) == ["1: must be a mapping of sections"]


def test_a_missing_file_is_named(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml: cannot be read: No such file"):
        load(file)


def test_an_alias_that_contains_itself_is_refused(file: Path) -> None:
    assert told(file, TOOLS.replace("{type: object, properties: {order_id", "&a {x: *a, order_id"))


def test_durations_become_seconds(file: Path) -> None:
    for text, seconds in (("30s", 30), ("20m", 1200), ("24h", 86400), ("7d", 604800)):
        config = read(file, f"customers: {{anonymous: true, reopen_within: {text}}}\n{MODEL}")
        assert config.customers.reopen_within_s == seconds


MODEL = "model: {name: m}\n"


@pytest.mark.parametrize("text", ["24", "soon", "0s", "-1h"])
def test_a_span_without_a_unit_is_refused(file: Path, text: str) -> None:
    (line,) = told(file, f"customers: {{anonymous: true, reopen_within: {text}}}\n{MODEL}")

    assert "customers.reopen_within: must be a duration such as 30s, 20m, 24h or 7d" in line


def test_what_waits_for_a_decision_expires_as_configured(file: Path) -> None:
    default = read(file, SMALLEST).holds
    assert (default.expires_in_s, default.escalate_to, default.then) == (1200, "admin", "reject")
    text = f"{SMALLEST}holds: {{expires_in: 90s, escalate_to: null, then: follow_up}}\n"
    given = read(file, text).holds
    assert (given.expires_in_s, given.escalate_to, given.then) == (90, None, "follow_up")


@pytest.mark.parametrize("word", ["off", "false", "no"])
def test_the_monitor_can_be_off(file: Path, word: str) -> None:
    assert read(file, f"{SMALLEST}monitor: {word}\n").monitor is None


def test_variables_come_from_the_environment(file: Path) -> None:
    text = """\
        customers: {secret: "${SECRET}"}
        model: {name: "${MODEL:-small}", base_url: "http://${HOST}:1/v1"}
        gateway: {port: "${PORT}"}
        """
    config = read(file, text, SECRET="12345", HOST="h", PORT="81")

    assert config.customers.secret == "12345"
    assert config.model.name == "small"
    assert config.model.base_url == "http://h:1/v1"
    assert config.gateway.port == 81


def test_a_variable_that_is_not_set_leaves_an_optional_key_empty(file: Path) -> None:
    config = read(file, 'customers: {anonymous: true}\nmodel: {name: m, base_url: "${URL}"}\n')

    assert config.model.base_url is None


def test_a_variable_that_is_not_set_is_named_where_a_value_is_due(file: Path) -> None:
    assert told(file, 'customers: {anonymous: true}\nmodel: {name: "${MODEL}"}\n') == [
        "2: model.name: MODEL is not set in the environment"
    ]


def test_a_literal_dollar_brace_is_written_with_two_dollars(file: Path) -> None:
    config = read(file, SMALLEST + 'widget: {title: "$${A}"}\n', A="no")

    assert config.widget.title == "${A}"


def test_a_broken_variable_is_refused(file: Path) -> None:
    (line,) = told(file, SMALLEST + 'widget: {title: "${my-name}"}\n')

    assert line.startswith("3: widget.title: write ${NAME} or ${NAME:-default}")


def test_a_text_is_a_text_whatever_yaml_makes_of_the_word(file: Path) -> None:
    config = read(file, SMALLEST + "assistant: {name: No}\nwidget: {title: 2026-01-02}\n")

    assert config.assistant.name == "No"
    assert config.widget.title == "2026-01-02"


def test_json_is_read_as_well_as_yaml(file: Path) -> None:
    content = {
        "customers": {"anonymous": True},
        "model": {"name": "m"},
        "widget": {"title": "Hi \N{WAVING HAND SIGN}"},
    }

    assert read(file, json.dumps(content)).widget.title == "Hi \N{WAVING HAND SIGN}"


def test_instructions_are_read_relative_to_the_file(file: Path) -> None:
    (file.parent / "assistant.md").write_text("Be kind.\n")

    config = read(file, SMALLEST + "assistant: {instructions: ./assistant.md}\n")

    assert config.assistant.instructions == "Be kind.\n"


def test_a_jwks_file_is_found_relative_to_the_file_and_must_be_there(file: Path) -> None:
    text = SMALLEST.replace("{anonymous: true}", "{jwks: ./keys.json}")
    (line,) = told(file, text)
    assert "customers.jwks: is no file" in line

    (file.parent / "keys.json").write_text("{}")
    assert read(file, text).customers.jwks == str(file.parent / "keys.json")


def test_a_key_set_from_outside_wins(file: Path) -> None:
    file.write_text(SMALLEST)

    overrides = {"model.base_url": "http://m/v1", "redis.url": "unix:///s", "model.name": "other"}
    config = load(file, environ={}, overrides=overrides)

    assert config.model.base_url == "http://m/v1"
    assert config.model.name == "other"
    assert config.redis.url == "unix:///s"


def test_the_data_folder_is_found_in_an_incomplete_file(file: Path) -> None:
    file.write_text("data: ./elsewhere\nnonsense: 1\n")

    assert data_folder(file) == file.parent / "elsewhere"


def test_customers_who_could_never_connect_are_refused(file: Path) -> None:
    (line,) = told(file, "customers: {anonymous: false}\nmodel: {name: m}\n")

    assert line == "1: customers: needs a secret, a jwks or anonymous: true; nobody could connect"


@pytest.mark.parametrize(("secret", "line"), [("", 1), ('tools_secret: "${UNSET}"\n', 3)])
def test_tools_without_a_secret_are_called_unsigned_and_warned_of(
    file: Path, secret: str, line: int
) -> None:
    file.write_text(TOOLS.replace("tools_secret: s\n", secret))
    warned: list[Problem] = []

    config = load(file, environ={}, warn=warned.append)

    assert config.tools_secret is None
    (problem,) = map(str, warned)
    assert problem.startswith(f"{file}:{line}: tools_secret: is empty: calls are not signed")


@pytest.mark.parametrize("text", [SMALLEST, TOOLS])
def test_nobody_is_warned_of_signed_calls_or_of_no_tools(file: Path, text: str) -> None:
    file.write_text(text)
    warned: list[Problem] = []

    load(file, environ={}, warn=warned.append)

    assert warned == []


@pytest.mark.parametrize(
    ("right", "wrong", "line", "key"),
    [
        ("money.minor > 5000", "money.minr > 5000", 22, "tools.issue_refund.rules[1].when"),
        ("'money.minor > 5000'", "'money.minor >'", 22, "tools.issue_refund.rules[1].when"),
        ("then: hold", "then: wait", 22, "tools.issue_refund.rules[1].then"),
        ("amount: args.amount", "amount: argh.amount", 16, "tools.issue_refund.money.amount"),
        ("target: args.order_id", "target: args.", 17, "tools.issue_refund.target"),
        ("tool: get_order", "tool: get_ordr", 19, "tools.issue_refund.evidence.order.tool"),
        ("tool: get_order", "tool: issue_refund", 19, "tools.issue_refund.evidence.order.tool"),
        ("effect: read", "effect: look", 8, "tools.get_order.effect"),
        ("issue_refund:\n", "handrail_x:\n", 10, "tools.handrail_x"),
        ("issue_refund:\n", "issue refund:\n", 10, "tools.issue refund"),
        ("type: number", "type: nmber", 15, "tools.issue_refund.arguments"),
        ("risk: high", "approvers: 0", 22, "tools.issue_refund.rules[1].approvers"),
        (
            "idempotency: key",
            "limits: [{per: customer, window: 30d, max: '150'}]",
            14,
            "tools.issue_refund.limits[0].max",
        ),
        (
            "idempotency: key",
            "reconcile: {tool: get_ordr, failed: 'true'}",
            14,
            "tools.issue_refund.reconcile.tool",
        ),
        (
            "idempotency: key",
            "reconcile: {tool: get_order, arguments: {order_id: ky}, failed: 'true'}",
            14,
            "tools.issue_refund.reconcile.arguments.order_id",
        ),
        ("idempotency: key", "mcp: {}", 14, "tools.issue_refund.mcp"),
    ],
)
def test_a_fault_in_a_tool_names_its_line_and_key(
    file: Path, right: str, wrong: str, line: int, key: str
) -> None:
    assert right in TOOLS
    (problem,) = told(file, TOOLS.replace(right, wrong, 1))

    assert problem.startswith(f"{line}: {key}: ")


def test_no_secret_is_shown_in_a_problem(file: Path) -> None:
    lines = told(file, 'model: {name: "${KEY}", timeout_s: "${KEY}"}\n', KEY="sk-very-secret")

    assert not any("sk-very-secret" in line for line in lines)
