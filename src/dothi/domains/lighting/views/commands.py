"""The pages of commands: giving one to a lamp, a street or a cabinet, and seeing what became of it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from dothi.core.accounts.types import Actor
from dothi.core.observations.tasking.types import Task, TaskStatus
from dothi.domains.lighting.service import commands as service
from dothi.domains.lighting.types.command import Aim, Order, Progress, Target
from dothi.domains.lighting.views.command_form import CommandForm
from dothi.kernel.errors import InvalidInput
from dothi.web.guard import actor_of, permission_required

STATUSES: Final = {
    TaskStatus.PENDING: gettext_lazy("waiting to be sent"),
    TaskStatus.SENT: gettext_lazy("sent, no answer yet"),
    TaskStatus.DONE: gettext_lazy("done"),
    TaskStatus.REFUSED: gettext_lazy("refused"),
    TaskStatus.UNANSWERED: gettext_lazy("not answered"),
    TaskStatus.CANCELLED: gettext_lazy("taken back"),
}
PAUSE_MS: Final = 1_000
FEW: Final = 20
"""Of more lamps than these, those that obeyed are folded away."""


class CommandRow(NamedTuple):
    """A command as a table shows it: `parts` are how many lamps stand where, and in what share of all in percent."""

    progress: Progress
    words: str
    parts: list[tuple[TaskStatus, str, int, float]]


class LampAnswer(NamedTuple):
    """What one lamp made of a command."""

    task: Task
    name: str
    words: str


def command_context(actor: Actor, aim: Aim, key: str, *, lamps: int = 1) -> Mapping[str, object]:
    """Give what `lighting/give.html` needs, on the page of a lamp, a street or a cabinet."""
    if not actor.may(service.COMMAND):
        return {}
    return {"command_form": CommandForm(initial={"aim": aim.value, "key": key}), "commanded_lamps": lamps}


@permission_required("lighting.lamp.command")
@require_safe
def list_commands(request: HttpRequest) -> HttpResponse:
    """Show the newest commands and how far they are."""
    rows = [_row(each) for each in service.list_commands(actor_of(request))]
    return render(request, "lighting/commands.html", {"rows": rows, "pause": PAUSE_MS})


@permission_required("lighting.lamp.command")
@require_safe
def show_command(request: HttpRequest, group: int) -> HttpResponse:
    """Show what became of a command at each lamp, those first that did not obey."""
    account = service.get_command(actor_of(request), group)
    answers = [
        LampAnswer(task, account.names.get(task.thing_id, ""), str(STATUSES[task.status])) for task in account.tasks
    ]
    worst_first = (TaskStatus.UNANSWERED, TaskStatus.REFUSED, TaskStatus.SENT, TaskStatus.PENDING)
    answers.sort(key=lambda each: worst_first.index(each.task.status) if each.task.status in worst_first else 9)
    is_long = len(answers) > FEW
    obeyed = [each for each in answers if each.task.status is TaskStatus.DONE] if is_long else []
    context = {
        "row": _row(account.progress),
        "answers": answers[: len(answers) - len(obeyed)],
        "obeyed": obeyed,
        "person": account.person,
        "pause": PAUSE_MS,
    }
    return render(request, "lighting/command.html", context)


@permission_required("lighting.lamp.command")
@require_POST
def give_command(request: HttpRequest) -> HttpResponse:
    """Give a command and go to where its answers are counted; one that makes no sense is said where it was given."""
    form = CommandForm(request.POST)
    if form.is_valid():
        try:
            given = service.give(actor_of(request), form.target(), form.order())
        except InvalidInput as error:
            form.add_error(None, _refusal(error))
        else:
            return redirect("lighting:command", given.group)
    for problems in form.errors.values():
        messages.error(request, " ".join(map(str, problems)))
    return redirect(_back(form.data.get("aim"), form.data.get("key")))


def _refusal(error: InvalidInput) -> str:
    if error.place == "target":
        return _("None of these lamps can be commanded.")
    return _("The command makes no sense: see its level and its end.")


def _back(aim: str | None, key: str | None) -> str:
    """Give the address of the page a command was given on, the overview for one that can't be told."""
    if aim == Aim.LAMP and key and key.isdigit():
        return f"/lighting/lamps/{int(key)}/"
    if aim == Aim.STREET and key and key.replace("-", "").isalnum():
        return f"/lighting/streets/{key}/"
    return "/lighting/"


def _row(progress: Progress) -> CommandRow:
    parts = [
        (status, str(words), progress.counts[status], 100 * progress.counts[status] / progress.total)
        for status, words in STATUSES.items()
        if progress.counts.get(status)
    ]
    return CommandRow(progress, _words(progress.command.order), parts)


def _words(order: Order) -> str:
    if order.level is None:
        return _("back to the schedule")
    if order.level == 0:
        return _("off")
    return _("full light") if order.level == 100 else _("%(level)d%% light") % {"level": order.level}


def target_address(target: Target) -> str:
    """Give the address of the page of what was commanded."""
    return _back(target.aim, target.key)
