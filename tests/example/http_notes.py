"""Routes: the notes of the customer who calls."""

from notes import NOTES, Note
from pydantic import BaseModel, Field

from shared.errors import CHANGED, NOT_FOUND, AppError
from shared.people.access import PUBLIC, Caller, Need, Role
from shared.records import Query, Write
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import AgentAction, Answer, Routes
from triggers.idempotency import work_id
from triggers.parse import Input, Paging

routes = Routes("notes")
CUSTOMER = Need(roles=frozenset({Role.CUSTOMER}))


class NewNote(Input):
    text: str = Field(min_length=1, max_length=200)
    stars: int = Field(0, ge=0, le=5)


class NoteList(BaseModel):
    items: list[Note]
    next: str | None


class NoteQuery(Paging):
    stars: int | None = Field(None, ge=0, le=5)


@routes.post(
    "/api/v1/notes",
    need=CUSTOMER,
    status=201,
    is_idempotent=True,
    action=AgentAction("write_note", "Write a note.", requires_human_approval_over=20_000),
)
async def write_note(body: NewNote, caller: Caller, deps: Deps, about: About) -> Answer[Note]:
    """Write a note."""
    note = Note(id=work_id(about, caller.subject, "note"), customer=caller.subject, text=body.text, stars=body.stars)
    await deps.store.apply(NOTES, note.customer, [Write("put", note)])
    return Answer(note, location=f"/api/v1/notes/{note.id}", machine_readable={"@type": "Note"})


@routes.get("/api/v1/notes", need=CUSTOMER)
async def list_notes(query: NoteQuery, caller: Caller, deps: Deps) -> NoteList:
    """One's own notes."""
    where = {} if query.stars is None else {"stars": query.stars}
    page = await deps.store.query(
        NOTES, Query(where, partition=caller.subject, limit=query.limit, after=query.after)
    )
    return NoteList(items=[stored.value for stored in page.items], next=page.next)


@routes.get("/api/v1/notes/{note_id}", need=CUSTOMER)
async def get_note(note_id: str, caller: Caller, deps: Deps) -> Answer[Note]:
    """One note."""
    stored = await deps.store.get(NOTES, caller.subject, note_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such note, or it is not yours.")
    return Answer(stored.value, etag=stored.etag)


@routes.put("/api/v1/notes/{note_id}", need=CUSTOMER, errors=(CHANGED,))
async def change_note(note_id: str, body: NewNote, caller: Caller, deps: Deps, about: About) -> Answer[Note]:
    """Change a note, if it is still as it was read."""
    note = Note(id=note_id, customer=caller.subject, text=body.text, stars=body.stars)
    (stored,) = await deps.store.apply(NOTES, caller.subject, [Write("replace", note, about.if_match)])
    assert stored is not None
    return Answer(note, etag=stored.etag)


@routes.post("/api/v1/notes/{note_id}/stars", need=CUSTOMER)
async def star_note(note_id: str, caller: Caller, deps: Deps) -> Note:
    """One star more for a note as it is."""
    stored = await deps.store.get(NOTES, caller.subject, note_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such note, or it is not yours.")
    starred = stored.value.model_copy(update={"stars": stored.value.stars + 1})
    await deps.store.apply(NOTES, caller.subject, [Write("replace", starred, stored.etag)])
    return starred


@routes.get("/api/v1/broken", need=PUBLIC)
async def broken() -> Note:
    """Always fails, with something secret in the fault."""
    raise RuntimeError("password=hunter2")
