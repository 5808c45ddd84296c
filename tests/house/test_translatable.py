"""Every string of the portal's own goes through gettext: pages, forms, messages, mails and their subjects.

What stays English says so in docs/questions.md: readings of licenses and of documents, what the command line says too,
and the operator's console.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PORTAL = Path(__file__).resolve().parents[2] / "src" / "licet" / "portal"
CONSOLE = ("templates/admin/", "console/", "whatif/")  # the operator's own pages

# --- templates -------------------------------------------------------------------------------------------------------

NAMES = {
    "Atom", "CSV", "FSF", "Licet", "ODRL", "OSI", "SHA-256", "SPDX", "Ed25519", "jwks.json", "licet.toml", "terms.json",
    "licet-revocations.json", "licet verify", "json --key jwks.json", "terms",
}  # fmt: skip
SHOWN = r'\b(?:title|aria-label|placeholder|alt|label)="([^"]*)"'


def words_of(template: str) -> Iterator[str]:
    """What a template says by itself: text and attributes that a person reads, without tags of Django and of HTML."""
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", template, flags=re.S)
    text = re.sub(r"{% block(?:trans|translate)\b.*?{% endblock(?:trans|translate) %}", "", text, flags=re.S)
    text = re.sub(r"<(style|script|code|pre|kbd)\b.*?</\1>", "", text, flags=re.S)
    text = re.sub(r"{% block (?:wide|class|body_class|page)[a-z_]* %}.*?{% endblock[a-z_ ]*%}", "", text, flags=re.S)
    text = re.sub(r"{%.*?%}|{{.*?}}", "\0", text, flags=re.S)
    yield from re.findall(SHOWN, text)
    for line in re.sub(r"<[^>]*>", "\n", text).splitlines():
        yield from line.split("\0")


def english(said: str) -> bool:
    """Is it a sentence or a word, and not a name that is the same in every language?"""
    said = said.strip(" \t\n\0·:,;.()→←—/#")
    return bool(re.search(r"[A-Za-z]{2,}", re.sub(r"&\w+;", "", said))) and said not in NAMES


def templates() -> list[Path]:
    found = [p for p in sorted((PORTAL / "templates").rglob("*")) if p.suffix in {".html", ".txt"}]
    return [p for p in found if not p.relative_to(PORTAL).as_posix().startswith(CONSOLE)]


@pytest.mark.parametrize("path", templates(), ids=lambda p: p.relative_to(PORTAL / "templates").as_posix())
def test_a_template_says_nothing_that_cannot_be_translated(path: Path) -> None:
    assert [said.strip() for said in words_of(path.read_text("utf-8")) if english(said)] == []


# --- Python ----------------------------------------------------------------------------------------------------------

SAYS = {  # call: which of its arguments a person reads
    "success": (1,), "error": (1,), "warning": (1,), "info": (1,), "Http404": (0,), "ValidationError": (0,),
    "add_error": (1,), "EmailMessage": (0,), "_mail": (0,),
}  # fmt: skip
FORM = {"label", "help_text", "empty_label"}
FIELDS = re.compile(r"^(Char|Choice|Boolean|Email|Integer|MultipleChoice|TypedChoice|URL|File)Field$")
WORDED = ("community/acts.py", "community/people.py", "community/limits.py")  # errors that only pages show


def spoken(tree: ast.Module, path: str) -> Iterator[tuple[int, ast.expr]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        of = (
            node.func.value.id if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) else ""
        )
        places = SAYS.get(name, ()) if of != "log" else ()
        if (of, name) == ("mail", "send") or (path in WORDED and name in {"LicetError", "TooMany"}):
            places = (0,)
        yield from ((node.lineno, node.args[n]) for n in places if n < len(node.args))
        if of == "forms" and FIELDS.match(name):
            yield from ((node.lineno, k.value) for k in node.keywords if k.arg in FORM)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "subject" for t in node.targets):
            yield node.lineno, node.value


def bare(value: ast.expr) -> bool:
    """Words as they stand, or put together: the parts of a conditional are looked at one by one."""
    if isinstance(value, ast.IfExp):
        return bare(value.body) or bare(value.orelse)
    if isinstance(value, ast.BinOp):
        return bare(value.left)
    if isinstance(value, ast.JoinedStr):
        return any(isinstance(p, ast.Constant) and english(str(p.value)) for p in value.values)
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and " " in value.value


def untranslated(source: str, path: str = "") -> list[str]:
    return [f"{line}: {ast.unparse(v)}" for line, v in spoken(ast.parse(source), path) if bare(v)]


def modules() -> list[Path]:
    left = ("migrations/", "models", "admin.py")  # how the console calls rows and columns
    found = [(p, p.relative_to(PORTAL).as_posix()) for p in sorted(PORTAL.rglob("*.py"))]
    return [p for p, name in found if not name.startswith(CONSOLE) and not any(word in name for word in left)]


def test_no_module_says_on_a_page_or_in_a_mail_what_cannot_be_translated() -> None:
    wrong = [
        f"{path.relative_to(PORTAL)}:{found}"
        for path in modules()
        for found in untranslated(path.read_text("utf-8"), path.relative_to(PORTAL).as_posix())
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Nothing yet.</p>", '{% translate "Yes" %} and no', '<nav aria-label="Parts">', "{{ who }} asks for {{ what }}.",
        "{% if a %}open{% endif %}",
    ],
)  # fmt: skip
def test_the_rule_finds_bare_words_of_a_template(template: str) -> None:
    assert any(english(said) for said in words_of(template))


@pytest.mark.parametrize(
    "code",
    [
        'messages.success(request, "It is done.")', 'mail.send(f"A price of {tier}", "price", to, {})',
        'subject = "A new price" if x else _("No price")', 'forms.CharField(label="Your name")',
        'raise Http404("There is nothing")', 'subject = "Price of %s" % tier',
    ],
)  # fmt: skip
def test_the_rule_finds_bare_words_of_a_module(code: str) -> None:
    assert untranslated(code)


@pytest.mark.parametrize(
    "code", ['mail.send(_("A price of %s") % tier, "price")', 'log.warning("no price")', "subject = row.subject"]
)
def test_the_rule_lets_be_what_is_translated(code: str) -> None:
    assert untranslated(code) == []
