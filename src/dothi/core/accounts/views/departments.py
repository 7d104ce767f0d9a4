"""The tree of departments, for administrators."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.accounts.service import departments as service
from dothi.core.accounts.views.forms import DepartmentForm, NewDepartmentForm
from dothi.kernel.errors import Conflict, InvalidInput, NotFound


@permission_required(service.VIEW)
@require_http_methods(["GET", "HEAD"])
def show_tree(request: HttpRequest) -> HttpResponse:
    """Show the tree, with a form for a new department."""
    return _tree(request)


@permission_required(service.EDIT)
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Put a new department into the tree."""
    actor = actor_of(request)
    form = NewDepartmentForm(request.POST, departments=service.list_departments(actor))
    if not form.is_valid():
        return _tree(request, form)
    try:
        service.create_department(actor, **form.cleaned_data)
    except Conflict:
        form.add_error("code", gettext("This code is taken."))
    except InvalidInput:
        form.add_error("code", gettext("A code is of small letters, digits, and hyphens between them."))
    if form.errors:
        return _tree(request, form)
    messages.success(request, gettext("The department is in the tree."))
    return redirect("people:departments")


@permission_required(service.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Name a department anew or move it with all below it."""
    actor = actor_of(request)
    every = service.list_departments(actor)
    department = next((each for each in every if each.code == code), None)
    if department is None:
        raise NotFound(f"no department {code}")
    others = [each for each in every if code not in each.path]
    initial = {"name_vi": department.name_vi, "name_en": department.name_en, "parent": department.parent}
    form = DepartmentForm(request.POST if request.method == "POST" else None, initial=initial, departments=others)
    if form.is_bound and form.is_valid():
        service.update_department(actor, code, **form.cleaned_data)
        messages.success(request, gettext("Kept."))
        return redirect("people:departments")
    context = {"form": form, "department": department, "here": "departments"}
    return render(request, "accounts/department.html", context, status=400 if form.is_bound else 200)


@permission_required(service.EDIT)
@require_POST
def delete(request: HttpRequest, code: str) -> HttpResponse:
    """Take a department out of the tree."""
    try:
        service.delete_department(actor_of(request), code)
    except Conflict:
        messages.warning(
            request,
            gettext("Nothing was done: others stand below it, or people or keys are granted something in it."),
        )
        return redirect("people:department", code)
    messages.success(request, gettext("The department is taken out of the tree."))
    return redirect("people:departments")


def _tree(request: HttpRequest, form: NewDepartmentForm | None = None) -> HttpResponse:
    actor = actor_of(request)
    every = service.list_departments(actor)
    context = {
        "departments": every,
        "may_edit": actor.may(service.EDIT),
        "form": form or NewDepartmentForm(departments=every),
        "here": "departments",
    }
    return render(request, "accounts/departments.html", context, status=400 if form else 200)
