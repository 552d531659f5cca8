"""Where a block's fields are kept: what an author wrote in memory, what a learner did in the database.

The workbench's own store reads one row a field and has no unique key, so two requests at once make two rows. Here one
row holds a scope, is locked while it changes, and is read once a request.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from xblock.exceptions import InvalidScopeError
from xblock.fields import Scope, UserScope
from xblock.runtime import KeyValueStore

from casework.preview.models import BlockState

Row = tuple[int, str, str]
"""Person (0 for all), scope, scope id: one row of `BlockState`."""


def _is_authored(key: KeyValueStore.Key) -> bool:
    return key.scope in (Scope.parent, Scope.children) or key.scope.user == UserScope.NONE


def _row(key: KeyValueStore.Key) -> Row:
    return int(key.user_id or 0), str(key.scope.name or key.scope), str(key.block_scope_id or "")


class Store(KeyValueStore):
    """The fields seen by one request. `authored` is the course's own dict and is shared by all requests."""

    def __init__(self, authored: dict[str, dict[str, Any]], may_author: bool) -> None:
        self._authored = authored
        self._may_author = may_author
        self._rows: dict[Row, dict[str, Any]] = {}

    def get(self, key: KeyValueStore.Key) -> Any:
        return self._fields(key)[key.field_name]

    def has(self, key: KeyValueStore.Key) -> bool:
        return key.field_name in self._fields(key)

    def set(self, key: KeyValueStore.Key, value: Any) -> None:
        self.set_many({key: value})

    def set_many(self, update_dict: Mapping[KeyValueStore.Key, Any]) -> None:
        changes: dict[Row, dict[str, Any]] = defaultdict(dict)
        for key, value in update_dict.items():
            if _is_authored(key):
                self._author(key)[key.field_name] = value
            else:
                changes[_row(key)][key.field_name] = value
        for row, fields in changes.items():
            self._rows[row] = _change(row, fields)

    def delete(self, key: KeyValueStore.Key) -> None:
        if _is_authored(key):
            self._author(key).pop(key.field_name, None)
        else:
            self._rows[_row(key)] = _change(_row(key), {}, forget=key.field_name)

    def _author(self, key: KeyValueStore.Key) -> dict[str, Any]:
        if not self._may_author:
            # What the platform does: a learner's request must never change what the author wrote.
            raise InvalidScopeError(key)
        return self._authored.setdefault(key.block_scope_id, {})

    def _fields(self, key: KeyValueStore.Key) -> dict[str, Any]:
        if _is_authored(key):
            return self._authored.get(key.block_scope_id, {})
        row = _row(key)
        if row not in self._rows:
            saved = BlockState.objects.filter(**_where(row)).first()
            self._rows[row] = json.loads(saved.state) if saved else {}
        return self._rows[row]


def _where(row: Row) -> dict[str, Any]:
    return {"person": row[0], "scope": row[1], "scope_id": row[2]}


def _change(row: Row, fields: dict[str, Any], forget: str = "") -> dict[str, Any]:
    """Merges `fields` into what is saved, under a lock, and returns all fields of the row."""
    rows = BlockState.objects.filter(**_where(row))
    if not rows.exists():
        # A statement of its own: inserting under the lock below makes first writers of MariaDB deadlock.
        BlockState.objects.bulk_create([BlockState(**_where(row))], ignore_conflicts=True)
    with transaction.atomic():
        saved = rows.select_for_update().get()
        merged: dict[str, Any] = json.loads(saved.state) | fields
        merged.pop(forget, None)
        saved.state = json.dumps(_plain(merged), ensure_ascii=False)
        saved.save(update_fields=["state"])
    # As it would be read back, so that a request never sees other shapes than the next one will.
    read_back: dict[str, Any] = json.loads(saved.state)
    return read_back


def _plain(value: Any) -> Any:
    """Named tuples as objects: capa's scores are read back by their names, and `json` would forget these."""
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
