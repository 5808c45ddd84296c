"""What does a customer see? The hosted pages of checkout, of the bank's extra step, and of the customer portal.

Plain HTML that says on top that no money moves. It is for a person at a demo and for a browser in a test.
"""

from __future__ import annotations

from decimal import Decimal
from html import escape
from urllib.parse import parse_qs

from licet.access.price import line_minor
from licet.testing.stripe import charges, checkout, desk, invoices, life
from licet.testing.stripe.books import Books, Json
from licet.testing.stripe.customers import CARDS
from licet.testing.stripe.wrong import Wrong

type Answer = tuple[int, dict[str, str], str]
_HTML = {"content-type": "text/html; charset=utf-8"}
_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:32rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "aside{border:2px solid #b45309;border-radius:.5rem;padding:.5rem 1rem}input,button,select{font:inherit;padding:.4rem .6rem}"
    "form{display:flex;gap:.5rem;flex-wrap:wrap;margin:1rem 0}[role=alert]{color:#b91c1c}"
)
_STEP = (
    '<form method="post"><button name="step" value="complete">It is me</button> '
    '<button name="step" value="fail">It is not</button></form>'
)


def page(title: str, body: str, status: int = 200) -> Answer:
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        "<aside>A test server, shaped like Stripe. No card is real and no money moves.</aside>"
        f"<main><h1>{escape(title)}</h1>{body}</main></html>"
    )
    return status, _HTML, html


def answer(books: Books, method: str, path: str, form: str) -> Answer | None:
    """The page at this path; None where there is none."""
    _, _, rest = path.partition("/")
    kind, _, id = rest.partition("/")
    given = {k: v[0] for k, v in parse_qs(form).items()}
    try:
        if kind == "pay":
            return _pay(books, books.get("checkout.session", id), method, given)
        if kind == "step":
            return _step(books, books.get("checkout.session", id), method, given)
        if kind == "desk":
            return _desk(books, books.get("billing_portal.session", id), method, given)
        if kind == "3ds":
            return _bank(books, books.get("payment_intent", id), method, given)
        if kind == "invoice":
            return _invoice(books, books.get("invoice", id.removesuffix("/pdf")), method, given)
    except Wrong as wrong:
        return page("That did not work", f'<p role="alert">{escape(str(wrong))}</p>', wrong.status)
    return None


def _pay(books: Books, session: Json, method: str, given: dict[str, str], said: str = "") -> Answer:
    if session["status"] == "complete":
        return _see(_back(session))
    if session["status"] != "open":
        return page("This page is no longer open", _leave(session), 410)
    if method == "POST":
        try:
            if code := given.get("code", ""):
                checkout.promote(books, session, code)
            done = checkout.pay(books, session, given.get("card", "").replace(" ", ""))
        except Wrong as wrong:
            status, headers, html = _pay(books, session, "GET", {}, str(wrong))
            return 402 if status == 200 else status, headers, html
        return _see(_back(session) if done == "paid" else f"{books.url}/step/{session['id']}")
    owed = _money(session["amount_total"], session["currency"])
    lines = "".join(
        f"<li>{escape(str(books.get('product', one['price']['product'])['name']))} x {one['quantity'] or 'as used'}</li>"
        for one in session["_items"]
    )
    alert = f'<p role="alert">{escape(said)}</p>' if said else ""
    body = f"<ul>{lines}</ul><p>Due now: {owed}</p>{alert}{_card('Pay', codes=session['allow_promotion_codes'])}{_leave(session)}"
    return page("Pay", body)


def _step(books: Books, session: Json, method: str, given: dict[str, str]) -> Answer:
    if method == "POST":
        if given.get("step") != "complete":
            return _see(f"{books.url}/pay/{session['id']}")
        checkout.step(books, session)
        return _see(_back(session))
    return page("Your bank asks: is it you?", _STEP)


def _bank(books: Books, intent: Json, method: str, given: dict[str, str]) -> Answer:
    """The extra step of a payment that was tried while the customer was away."""
    if method == "POST" and given.get("step") == "complete" and intent["status"] == "requires_action":
        paid = next(
            (one for one in books.all("invoice_payment") if one["payment"]["payment_intent"] == intent["id"]), None
        )
        if paid is None:
            charges.pay(
                books, intent, books.get("payment_method", intent["payment_method"]), present=True, stepped=True
            )
        else:
            invoice = books.get("invoice", paid["invoice"])
            invoices.stepped(books, invoice)
            sub = books.get("subscription", invoice["parent"]["subscription_details"]["subscription"])
            life.settled(books, sub, invoice)
        return page("Thank you", "<p>The payment went through.</p>")
    return page("Your bank asks: is it you?", _STEP)


def _desk(books: Books, session: Json, method: str, given: dict[str, str]) -> Answer:
    customer, said = session["customer"], ""
    if method == "POST" and "card" in given:
        desk.new_card(books, customer, given["card"].replace(" ", ""))
        said = "<p>Your card is changed.</p>"
    if method == "POST" and "leave" in given:
        desk.leave(books, customer, given["leave"])
        said = "<p>It ends with the period that is paid.</p>"
    subs = "".join(
        f'<li>{escape(sub["status"])}<form method="post"><button name="leave" value="{sub["id"]}">Cancel</button>'
        "</form></li>" for sub in books.all("subscription", customer=customer) if sub["ended_at"] is None
    )  # fmt: skip
    bills = "".join(
        f'<li><a href="{i["hosted_invoice_url"]}">{i["number"]}</a>: {i["status"]}</li>'
        for i in books.all("invoice", customer=customer)
    )
    back = f'<p><a href="{escape(session["return_url"] or "")}">Back</a></p>'
    return page("Your payments", f"{said}<ul>{subs}</ul><ul>{bills}</ul>{_card('Use this card')}{back}")


def _invoice(books: Books, invoice: Json, method: str, given: dict[str, str]) -> Answer:
    if method == "POST" and invoice["status"] == "open":
        desk.new_card(books, invoice["customer"], given.get("card", "").replace(" ", ""))
    owed = f"<p>{escape(invoice['status'])}: {_money(invoice['amount_due'], invoice['currency'])}</p>"
    return page(f"Invoice {invoice['number']}", owed + (_card("Pay") if invoice["status"] == "open" else ""))


def _card(words: str, *, codes: bool | None = False) -> str:
    code = '<label>Promotion code <input name="code"></label>' if codes else ""
    known = "".join(f'<option value="{number}">' for number in CARDS)
    return (
        '<form method="post"><label>Card number <input name="card" inputmode="numeric" required list="cards" '
        f'value="4242424242424242"></label><datalist id="cards">{known}</datalist>{code}<button>{escape(words)}</button></form>'
    )


def _money(minor: int, currency: str) -> str:
    """`18.00 EUR`, `900 JPY`."""
    places = len(str(line_minor(1_000_000, currency.upper()))) - 1
    return f"{Decimal(minor).scaleb(-places)} {currency.upper()}"


def _leave(session: Json) -> str:
    return f'<p><a href="{escape(session["cancel_url"])}">Back, without paying</a></p>' if session["cancel_url"] else ""


def _back(session: Json) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _see(url: str) -> Answer:
    return 303, {"location": url, **_HTML}, ""
