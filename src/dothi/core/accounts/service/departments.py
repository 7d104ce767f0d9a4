"""The keeping of the tree of departments."""

from typing import Final

from django.db import transaction

from dothi.core.accounts import rules
from dothi.core.accounts.service.asking import require
from dothi.core.accounts.store import departments as store
from dothi.core.accounts.types import Actor, Department, Subject
from dothi.core.audit import service as audit
from dothi.kernel import events
from dothi.kernel.errors import Conflict, InvalidInput, NotFound
from dothi.kernel.events import KeysChanged

VIEW: Final = "accounts.department.view"
EDIT: Final = "accounts.department.edit"


def list_departments(actor: Actor) -> list[Department]:
    """List all departments, each before those below it. Raises Unauthenticated, Forbidden."""
    require(actor, VIEW)
    return store.list_departments()


def list_tree() -> list[Department]:
    """List all departments, each before those below it, in one query.

    It asks for no permission: what departments are called, whoever works with them may know.
    """
    return store.list_departments()


def create_department(actor: Actor, *, code: str, name_vi: str, name_en: str, parent: str = "") -> Department:
    """Put a new department into the tree. Audited.

    A code that Things or keys name already is the department's from now on. Raises Forbidden, InvalidInput, Conflict
    for a code that is taken.
    """
    require(actor, EDIT, of=Subject(department=parent))
    rules.check_code(code)
    rules.check_names(name_vi, name_en)
    with transaction.atomic():
        store.lock()
        if store.find_department(code) is not None:
            raise Conflict(f"there is a department {code} already")
        path = rules.path_below(code, _parent(parent))
        department = Department(code=code, name_vi=name_vi.strip(), name_en=name_en.strip(), path=path)
        store.insert_department(department)
        audit.record(actor.reference, EDIT, subject=f"department:{code}", after=_audited(department))
        _tell()
    return department


def update_department(actor: Actor, code: str, *, name_vi: str, name_en: str, parent: str) -> Department:
    """Name a department anew, or move it with all below it. Audited.

    Whoever reaches a department reaches those below it, from the commit on. Raises Forbidden, NotFound, InvalidInput,
    Conflict for a place below itself.
    """
    require(actor, EDIT, of=Subject(department=code))
    rules.check_names(name_vi, name_en)
    with transaction.atomic():
        store.lock()
        was = _get(code)
        if parent != was.parent:
            require(actor, EDIT, of=Subject(department=parent))
            require(actor, EDIT, of=Subject(department=was.parent))
        path = rules.path_below(code, _parent(parent))
        department = Department(code=code, name_vi=name_vi.strip(), name_en=name_en.strip(), path=path)
        if department != was:
            store.update_department(department, was=was)
            before, after = _audited(was), _audited(department)
            audit.record(actor.reference, EDIT, subject=f"department:{code}", before=before, after=after)
            _tell()
    return department


def delete_department(actor: Actor, code: str) -> None:
    """Take a department out of the tree. Audited.

    Things that name it stay; its code is then in no tree. Raises Forbidden, NotFound, Conflict while others stand below
    it or a grant or a machine key names it.
    """
    require(actor, EDIT, of=Subject(department=code))
    with transaction.atomic():
        store.lock()
        was = _get(code)
        if len(store.list_below([code])[code]) > 1:
            raise Conflict("other departments stand below this one")
        if store.is_named(code):
            raise Conflict("people or machine keys are granted something in this department")
        store.delete_department(code)
        audit.record(actor.reference, EDIT, subject=f"department:{code}", before=_audited(was))
        _tell()


def _get(code: str) -> Department:
    found = store.find_department(code)
    if found is None:
        raise NotFound(f"no department {code}")
    return found


def _parent(code: str) -> Department | None:
    if not code:
        return None
    found = store.find_department(code)
    if found is None:
        raise InvalidInput(f"there is no department {code}", place="parent")
    return found


def _audited(department: Department) -> dict[str, str]:
    return {"name_vi": department.name_vi, "name_en": department.name_en, "parent": department.parent}


def _tell() -> None:
    """Let whoever remembers keys ask again, as the reach of a department's keys may have changed."""
    transaction.on_commit(lambda: events.publish(KeysChanged([])))
