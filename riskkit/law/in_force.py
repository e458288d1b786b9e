"""Whether what a person answered counts on a day: given by then, not expired, its document as it was when named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from ..model import Answer, Documents, DocumentState, Reply

NO_DOCUMENTS: Documents = MappingProxyType({})
NOT_AS_NAMED: Mapping[DocumentState, str] = {
    "changed": "has changed since it was named",
    "gone": "is not in the project",
}


def document_state(said: Answer | Reply, documents: Documents) -> DocumentState:
    """How the document of an answer stands: a file is held against the digest noted when it was named."""
    path = said.document
    if path is None:
        return "none"
    if path not in documents:
        return "gone" if said.document_sha256 else "words"
    found = documents[path]
    if found is None:
        return "gone"
    if said.document_sha256 is None:
        return "not_noted"
    return "as_named" if found == said.document_sha256 else "changed"


def failing(said: Answer | Reply, documents: Documents, *, as_of: date) -> str:
    """Why the answer does not count on the day, in words; empty when it does. It counts on its last day."""
    if said.on > as_of:
        return f"answered only on {said.on} by {said.by}"
    if said.expires_on and said.expires_on < as_of:
        return f"the answer of {said.on} by {said.by} expired on {said.expires_on}"
    told = NOT_AS_NAMED.get(document_state(said, documents))
    return f"the answer of {said.on} by {said.by} does not count: {said.document} {told}" if told else ""


def shown_document(said: Answer | Reply | None, documents: Documents) -> dict[str, object]:
    """The fields of a row that tell of the document of an answer."""
    if said is None or said.document is None:
        return {}
    return {
        "document": said.document,
        "document_state": document_state(said, documents),
        "document_sha256": documents.get(said.document) or "",
        "document_named": said.on,
    }
