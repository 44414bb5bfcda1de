"""Slack's limits, each with the page that states it (docs.slack.dev unless another is named)."""

from datetime import timedelta

# Commands, interactivity and events: acknowledge within three seconds (/interactivity/handling-user-interaction).
ACK_WITHIN_S = 3.0

# "Your trigger_id will expire three seconds after you receive it" (/interactivity/handling-user-interaction).
TRIGGER_LIFE = timedelta(seconds=3)

# "up to 5 times within 30 minutes" (/interactivity/handling-user-interaction#message_responses).
RESPONSE_URL_USES = 5
RESPONSE_URL_LIFE = timedelta(minutes=30)

# /reference/methods/files.getUploadURLExternal: a snippet is at most 1 MB, a file 1 GB; the emulator takes no more
# than 1 MB of either. How long the address is good is not stated.
LARGEST_SNIPPET = 1_000_000
LARGEST_FILE = 1_000_000
UPLOAD_LIFE = timedelta(minutes=10)

# /reference/methods/chat.postMessage: beyond 40,000 characters Slack cuts; refused here, so that nobody misses it.
LONGEST_TEXT = 40_000
# /reference/methods/chat.update, error msg_too_long: "The text field cannot exceed 4,000 characters".
LONGEST_UPDATED_TEXT = 4_000
# /reference/block-kit/blocks: "up to 50 blocks in each message, and 100 blocks in modals or Home tabs".
MOST_BLOCKS_IN_MESSAGE = 50
MOST_BLOCKS_IN_VIEW = 100
# Undocumented; measured between 13,172 and 13,297 characters (github.com/slackapi/bolt-js/issues/2509).
MOST_CHARACTERS_IN_BLOCKS = 13_200
# /reference/methods/chat.postMessage: "Each message can have at most 100 attachments" (too_many_attachments).
MOST_ATTACHMENTS = 100
# Undocumented: metadata_too_large exists, its bound is not stated; 16 kB of JSON is what is taken here.
LARGEST_METADATA = 16_000

# /reference/block-kit/blocks/*, one page a block.
LONGEST_BLOCK_ID = 255
LONGEST_SECTION_TEXT = 3_000
LONGEST_FIELD_TEXT = 2_000
MOST_FIELDS = 10
LONGEST_HEADER = 150
LONGEST_MARKDOWN = 12_000
MOST_ACTIONS = 25
MOST_CONTEXT_ELEMENTS = 10
LONGEST_IMAGE_TEXT = 2_000
LONGEST_INPUT_LABEL = 2_000
MOST_TABLE_ROWS = 100
MOST_TABLE_COLUMNS = 20

# /reference/block-kit/block-elements/* and /reference/block-kit/composition-objects/*.
LONGEST_ACTION_ID = 255
LONGEST_BUTTON_TEXT = 75
LONGEST_BUTTON_VALUE = 2_000
LONGEST_URL = 3_000
LONGEST_PLACEHOLDER = 150
LONGEST_INPUT = 3_000
LONGEST_OPTION_TEXT = 75
LONGEST_OPTION_VALUE = 150
MOST_OPTIONS = 100
MOST_OPTION_GROUPS = 100
FEWEST_OVERFLOW_OPTIONS = 2
MOST_OVERFLOW_OPTIONS = 5
MOST_CHOICES = 10  # of checkboxes and radio buttons
LONGEST_CONFIRM_TITLE = 100
LONGEST_CONFIRM_TEXT = 300
LONGEST_CONFIRM_BUTTON = 30
# An external select asks the app from the third character on (block-elements/multi-select-menu-element).
USUAL_MIN_QUERY_LENGTH = 3

# /reference/views/modal-views.
LONGEST_VIEW_TITLE = 24
LONGEST_PRIVATE_METADATA = 3_000
LONGEST_CALLBACK_ID = 255
LONGEST_EXTERNAL_ID = 255
# /reference/methods/views.open, error view_too_large: "greater than 250kb".
LARGEST_VIEW = 250_000
# /surfaces/modals: "up to three views at a time".
MOST_STACKED_VIEWS = 3

# /apis/events-api/using-socket-mode: "up to 10 open WebSocket connections".
MOST_SOCKETS = 10
# The URL of apps.connections.open is temporary and good for one connection; its life is not stated.
TICKET_LIFE = timedelta(seconds=60)

# /apis/web-api/rate-limits: calls a minute of a method in a workspace, by the tier that its page names, at
# least. Of tier 1 ("a small amount of burst behavior is tolerated") fifteen are taken, so that an app can open all
# its connections; for auth.test and chat.getPermalink the pages say "hundreds".
TIER_1 = 15
TIER_2 = 20
TIER_3 = 50
TIER_4 = 100
HUNDREDS = 300
# /reference/methods/chat.postMessage#rate_limiting: "1 message per second to a specific channel", "several hundred
# messages per minute" in the workspace, and bursts, whose size is not stated.
POSTS_PER_S = 1.0
POSTS_AT_ONCE = 8
POSTS_A_MINUTE = 300

# /reference/methods/conversations.history and conversations.replies: 100 by default, 1,000 at most (999 there).
USUAL_PAGE = 100
LARGEST_PAGE = 999
