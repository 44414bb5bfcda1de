"""The Web API's methods that are played: the table from name to handler."""

from collections.abc import Mapping

from bot.emulators.slack.methods import app, chat, conversations, people, views
from bot.emulators.slack.methods.call import Method, TokenKind

# Which of the scopes is needed depends on the kind of channel; the handlers ask for the one.
_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")
_WRITE = ("chat:write",)

METHODS: Mapping[str, Method] = {
    "api.test": Method(app.api_test, token=TokenKind.ANY),
    "apps.connections.open": Method(app.open_connection, token=TokenKind.APP),
    "auth.test": Method(app.auth_test),
    "chat.delete": Method(chat.delete, _WRITE),
    "chat.getPermalink": Method(chat.get_permalink, takes_json=False),
    "chat.postEphemeral": Method(chat.post_ephemeral, _WRITE),
    "chat.postMessage": Method(chat.post_message, _WRITE),
    "chat.update": Method(chat.update, _WRITE),
    "conversations.history": Method(conversations.history, _HISTORY, takes_json=False),
    "conversations.info": Method(conversations.info, _READ, takes_json=False),
    "conversations.members": Method(conversations.members, _READ, takes_json=False),
    "conversations.open": Method(conversations.open_direct, ("im:write",)),
    "conversations.replies": Method(conversations.replies, _HISTORY, takes_json=False),
    "usergroups.list": Method(people.groups, ("usergroups:read",), takes_json=False),
    "usergroups.users.list": Method(people.group_members, ("usergroups:read",), takes_json=False),
    "users.info": Method(people.user_info, ("users:read",), takes_json=False),
    "views.open": Method(views.open_modal),
    "views.publish": Method(views.publish),
    "views.update": Method(views.update),
}
