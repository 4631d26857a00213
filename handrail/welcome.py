"""What `handrail up` shows when all of it answers: addresses, and links that sign staff in."""

import secrets
import sys
from pathlib import Path

from conversation.store import Store
from gateway import accounts

DEMO_STAFF = (
    ("sam@tarnfield.example", "Sam", "agent"),
    ("dana@tarnfield.example", "Dana", "supervisor"),
)


async def seed_staff(store: Store) -> None:
    """Make the demo's accounts, which only links sign in to, unless somebody has an account."""
    if await accounts.list_staff(store.writes):
        return
    for email, name, role in DEMO_STAFF:
        password = secrets.token_urlsafe(32)
        await accounts.add(store.writes, email=email, name=name, role=role, password=password)


async def sign_in_links(store: Store, url: str) -> dict[str, str]:
    """One link for each of the demo's accounts, by name and role; each signs in once."""
    emails = {email for email, _, _ in DEMO_STAFF}
    links = {}
    for account in await accounts.list_staff(store.writes):
        if account.email in emails and not account.disabled:
            code = await accounts.one_time_code(store.writes, account.email)
            links[f"{account.name} ({account.role})"] = f"{url}/console/#signin={code}"
    return links


def show(url: str, *, links: dict[str, str], shop: bool, model: str, data: Path) -> None:
    """Print it."""
    rows = {"shop": f"{url}/"} if shop else {}
    rows |= {"console": f"{url}/console/", **links}
    rows |= {"widget": f"{url}/widget.js", "model": model, "data": str(data)}
    width = max(map(len, rows))
    lines = "".join(f"  {name:<{width}}  {value}\n" for name, value in rows.items())
    sys.stdout.write(f"\nhandrail is running; Ctrl-C ends all of it\n\n{lines}\n")
    sys.stdout.flush()
