"""The Web API's methods that are played: the table from name to handler."""

from collections.abc import Mapping

from bot.emulators.slack.limits import HUNDREDS, TIER_1, TIER_2, TIER_4
from bot.emulators.slack.methods import app, chat, conversations, files, functions, people, views
from bot.emulators.slack.methods.call import Method, TokenKind

# Which of the scopes is needed depends on the kind of channel; the handlers ask for the one.
_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")
_WRITE = ("chat:write",)
_FILES = ("files:write",)

METHODS: Mapping[str, Method] = {
    "api.test": Method(app.api_test, a_minute=TIER_4, token=TokenKind.ANY),
    "apps.connections.open": Method(app.open_connection, a_minute=TIER_1, token=TokenKind.APP),
    "auth.test": Method(app.auth_test, a_minute=HUNDREDS),
    "chat.delete": Method(chat.delete, _WRITE),
    "chat.getPermalink": Method(chat.get_permalink, a_minute=HUNDREDS, takes_json=False),
    "chat.postEphemeral": Method(chat.post_ephemeral, _WRITE, a_minute=TIER_4),
    "chat.postMessage": Method(chat.post_message, _WRITE, a_minute=None),
    "chat.update": Method(chat.update, _WRITE),
    "conversations.history": Method(conversations.history, _HISTORY, takes_json=False),
    "conversations.info": Method(conversations.info, _READ, takes_json=False),
    "conversations.members": Method(conversations.members, _READ, a_minute=TIER_4, takes_json=False),
    "conversations.open": Method(conversations.open_direct, ("im:write",)),
    "conversations.replies": Method(conversations.replies, _HISTORY, takes_json=False),
    "files.completeUploadExternal": Method(files.complete_upload, _FILES, a_minute=TIER_4),
    "files.getUploadURLExternal": Method(files.get_upload_url, _FILES, a_minute=TIER_4, takes_json=False),
    "functions.completeError": Method(functions.complete_error),
    "functions.completeSuccess": Method(functions.complete_success),
    "usergroups.list": Method(people.groups, ("usergroups:read",), a_minute=TIER_2, takes_json=False),
    "usergroups.users.list": Method(people.group_members, ("usergroups:read",), a_minute=TIER_2, takes_json=False),
    "users.info": Method(people.user_info, ("users:read",), a_minute=TIER_4, takes_json=False),
    "views.open": Method(views.open_modal, a_minute=TIER_4),
    "views.publish": Method(views.publish, a_minute=TIER_4),
    "views.update": Method(views.update, a_minute=TIER_4),
}
