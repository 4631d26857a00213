"""The log: one line a step, to standard error; ids yes, message text and personal data no."""

import contextlib
import logging
import sys

import structlog


class Lines:
    """Writes lines to standard error and outlives it: a lost terminal never stops the work."""

    def msg(self, message: str) -> None:
        """Write one line."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(message + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


class ToStructlog(logging.Handler):
    """Hands on what libraries log by the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as one line; a traceback stays within it."""
        structlog.get_logger().log(
            record.levelno,
            "library",
            logger=record.name,
            message=record.getMessage(),
            exc_info=record.exc_info,
        )


def configure(*, least: int = logging.INFO) -> None:
    """Set the log up for this process, from a level of importance upwards."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["at", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: Lines(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[ToStructlog()], level=logging.WARNING, force=True)
