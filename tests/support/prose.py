"""Find wording that the style note in CONTRIBUTING.md rules out: in docstrings, comments, texts and names."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

BANNED = re.compile(
    r"\b(stands?|standing|told|telling|anew|meanwhile|besides|wants? for|for want of|came of)\b", re.IGNORECASE
)
TERMS = re.compile(r"stand-?alone|standing orders?|standstill|long-?standing", re.IGNORECASE)
"""Terms of law and of trade that hold a banned word."""

OPENING = re.compile(r"(What|Where|Of)\b")
_WORD_IN_NAME = re.compile(r"(?:^|_)(stands?|standing|told|telling|anew|meanwhile|besides)(?:_|$)", re.IGNORECASE)
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def violations(source: str) -> Iterator[tuple[int, str]]:
    """The line and wording of each violation in a Python module."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            for number, line in enumerate(token.string.splitlines(), token.start[0]):
                for found in BANNED.finditer(TERMS.sub("", line)):
                    yield number, found[0]
        elif token.type == tokenize.NAME and (named := _WORD_IN_NAME.search(token.string)):
            yield token.start[0], f"the name {token.string} ({named[1]})"
    for line, text in docstrings(source):
        if opens := OPENING.match(text):
            yield line, f"a docstring that opens with {opens[0]}"


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """The line and text of each docstring, those of attributes included."""
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for index, child in enumerate(body if isinstance(body, list) else ()):
            if not isinstance(child, ast.Expr) or not isinstance(child.value, ast.Constant):
                continue
            if isinstance(child.value.value, str) and (index or isinstance(node, _DOCUMENTED)):
                yield child.lineno, child.value.value.strip()


def prose_violations(text: str) -> Iterator[tuple[int, str]]:
    """The line and wording of each violation in YAML or Markdown prose."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in BANNED.finditer(TERMS.sub("", line)):
            yield number, found[0]


def modules(root: Path) -> list[Path]:
    """The Python modules of the engine and the command line."""
    return sorted(path for folder in ("engine", "cli") for path in (root / folder).rglob("*.py"))
