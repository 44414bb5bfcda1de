"""users.* and usergroups.*: who is here (docs.slack.dev/reference/methods)."""

from bot.emulators.slack.methods.call import Call, Json
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.state import State
from bot.emulators.slack.wire import group_object, person_object


def user_info(state: State, call: Call) -> Json:
    person = state.workspace.person(call.arguments.required("user"))
    if person is None:
        raise Refused("user_not_found")
    answer = person_object(person, state.workspace)
    if call.arguments.flag("include_locale"):
        answer["locale"] = person.locale
    return {"user": answer}


def group_members(state: State, call: Call) -> Json:
    group = state.workspace.group(call.arguments.required("usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": list(group.members)}


def groups(state: State, call: Call) -> Json:
    with_users = call.arguments.flag("include_users")
    listed = [
        group_object(group, state.workspace) | ({"users": list(group.members)} if with_users else {})
        for group in state.workspace.groups
    ]
    return {"usergroups": listed}
