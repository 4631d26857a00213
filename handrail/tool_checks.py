"""What the tools of a configuration must keep among themselves, beyond each one's own shape."""

from collections.abc import Mapping

from handoff.catalogue import Catalogue
from handoff.cel import PolicyError
from handoff.identification import compile_identification
from handoff.reconciliation import compile_reconciliation
from handoff.rules import compile_tool
from handoff.settings import ToolSettings
from handrail.reader import Reader


def check_tools(tools: Mapping[str, ToolSettings], reader: Reader, *, has_secret: bool) -> None:
    """Compile every schema and expression, and keep the first problem of each with the reader.

    Calls without a secret are unsigned, which is worth a warning.
    """
    if tools and not has_secret:
        reader.warn(
            ("tools_secret",),
            "is empty: calls are not signed, so a tool cannot tell that they come from here",
        )
    for name, tool in tools.items():
        try:
            Catalogue({name: tool})
            compile_tool(name, tools)
            compile_identification(name, tool)
            if tool.reconcile is not None:
                compile_reconciliation(tool.reconcile, name, tools)
        except PolicyError as error:
            reader.refuse(reader.path_of(error.key), error.message)
