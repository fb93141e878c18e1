"""What the store tells of photos that others work on."""

from clearface.server.dispatchers.base import PhotoKey
from clearface.server.jobs import layout
from clearface.server.orders import PhotoOrder
from clearface.server.stores.base import Missing, Store
from clearface.server.work.words import from_json
from clearface.server.work.working import give_up, is_over


class StoredPhotos:
    """Photos in the store, as they are seen from the queue. Every method raises StoreAway."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def wanted(self, photo: PhotoKey) -> bool:
        """False where the job was deleted meanwhile, and where the photo is only being handed in."""
        return all(self._store.size(name) is not None for name in (layout.manifest(photo.job_id), layout.upload(photo)))

    def over(self, photo: PhotoKey) -> bool:
        """Whether there is an outcome of the order as it is now."""
        try:
            order = from_json(PhotoOrder, self._store.get(layout.order(photo)))
        except Missing:
            return False
        return is_over(self._store, photo, order)

    def give_up(self, photo: PhotoKey, sentence: str) -> None:
        """Writes an outcome that says why there is no result; not where the photo was deleted meanwhile."""
        give_up(self._store, photo, sentence)
