"""The door of layers: which there are, their revisions, their features, and what is taken in."""

from dothi.core.places.layers.rules.styles import style_of
from dothi.core.places.layers.service.asking import (
    bounds_of,
    get_feature,
    list_features,
    list_revisions_shown,
    list_touching,
    list_versions,
)
from dothi.core.places.layers.service.comparing import compare, list_outlines
from dothi.core.places.layers.service.editing import change_feature, find_newest, remove_feature
from dothi.core.places.layers.service.giving import SYSTEMS, written
from dothi.core.places.layers.service.keeping import (
    change_layer,
    create_layer,
    get_layer,
    list_hidden_roles,
    list_layers,
)
from dothi.core.places.layers.service.permissions import (
    EDIT,
    MANAGE,
    PUBLISH,
    VIEW,
    VIEW_INTERNAL,
    VIEW_RESTRICTED,
    may_edit,
    may_publish,
)
from dothi.core.places.layers.service.revising import (
    discard,
    get_revision,
    list_revisions,
    publish_revision,
    restore,
    review,
)
from dothi.core.places.layers.service.taking import examine, take
from dothi.core.places.layers.service.uploading import (
    accept,
    cancel,
    examine_again,
    get_upload,
    list_uploads,
    list_waiting,
    receive,
    run_examination,
    run_import,
    tidy,
)
from dothi.core.places.layers.store.uploads import QUEUE_LOCK
from dothi.core.places.layers.writing.orders import FORMATS

__all__ = [
    "EDIT",
    "FORMATS",
    "MANAGE",
    "PUBLISH",
    "QUEUE_LOCK",
    "SYSTEMS",
    "VIEW",
    "VIEW_INTERNAL",
    "VIEW_RESTRICTED",
    "accept",
    "bounds_of",
    "cancel",
    "change_feature",
    "change_layer",
    "compare",
    "create_layer",
    "discard",
    "examine",
    "examine_again",
    "find_newest",
    "get_feature",
    "get_layer",
    "get_revision",
    "get_upload",
    "list_features",
    "list_hidden_roles",
    "list_layers",
    "list_outlines",
    "list_revisions",
    "list_revisions_shown",
    "list_touching",
    "list_uploads",
    "list_versions",
    "list_waiting",
    "may_edit",
    "may_publish",
    "publish_revision",
    "receive",
    "remove_feature",
    "restore",
    "review",
    "run_examination",
    "run_import",
    "style_of",
    "take",
    "tidy",
    "written",
]
