"""What the store tells of photos that others work on."""

from clearface.server.dispatchers.base import PhotoKey
from clearface.server.jobs import layout
from clearface.server.orders import Fault, Outcome, PhotoOrder
from clearface.server.stores.base import Missing, Store
from clearface.server.work.words import as_json, from_json


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
            outcome = from_json(Outcome, self._store.get(layout.outcome(photo)))
            return outcome.revision >= self._order(photo).revision
        except Missing:
            return False

    def give_up(self, photo: PhotoKey, sentence: str) -> None:
        """Writes an outcome that says why there is no result; not where the photo was deleted meanwhile."""
        try:
            order = self._order(photo)
        except Missing:
            return
        outcome = Outcome(report=None, error=f"{order.name}: {sentence}", fault=Fault.SERVER, revision=order.revision)
        self._store.put(layout.outcome(photo), as_json(outcome))

    def _order(self, photo: PhotoKey) -> PhotoOrder:
        return from_json(PhotoOrder, self._store.get(layout.order(photo)))
