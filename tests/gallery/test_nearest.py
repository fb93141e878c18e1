"""Near faces found by pgvector, against comparing with all of them."""

from dataclasses import replace

import numpy as np
import psycopg
import pytest
from tests.gallery.conftest import ToyEmbedder, make_face

from clearface.arrays import FloatArray
from clearface.gallery.base import NewFace
from clearface.gallery.opening import Gallery, open_gallery

TOY = ToyEmbedder(dimension=32)
PEOPLE, PHOTOS = 40, 8


def unit(vectors: np.ndarray) -> FloatArray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def crowd() -> list[list[NewFace]]:
    """People whose faces lie near each other."""
    random = np.random.default_rng(5)
    blank = make_face(0)
    made = []
    for person in range(PEOPLE):
        vectors = unit(random.normal(size=TOY.dimension) + random.normal(0, 0.2, (PHOTOS, TOY.dimension)))
        made.append(
            [
                replace(
                    blank, vector=vector, photo=f"{person}/{place}", photo_checksum=f"{person * PHOTOS + place:064x}"
                )
                for place, vector in enumerate(vectors)
            ]
        )
    return made


def fill(gallery: Gallery, crowd: list[list[NewFace]]) -> None:
    for person, faces in enumerate(crowd):
        gallery.add_faces(f"person {person}", faces, TOY)


@pytest.fixture(scope="module")
def filled(pgvector_module_place: str, crowd: list[list[NewFace]]) -> str:
    """A gallery of them all, which nobody changes."""
    with open_gallery(pgvector_module_place, must_exist=False) as gallery:
        fill(gallery, crowd)
    return pgvector_module_place


def test_the_neighbourhood_holds_the_nearest_face(filled: str, crowd: list[list[NewFace]]) -> None:
    near = unit(np.stack([faces[0].vector for faces in crowd[:20]]) + 0.01)
    with open_gallery(filled, exact_up_to=50) as gallery:
        assert gallery.finds_near
        whole = gallery.known_faces()
        assert len(whole.vectors) == PEOPLE * PHOTOS
        assert "pgvector" in gallery.statistics().search
        found = 0
        for vector in near:
            known = gallery.known_faces(vector[None])
            assert (known.all_people, known.all_photos) == (PEOPLE, PEOPLE * PHOTOS)
            assert len(known.people) < PEOPLE
            counts = np.bincount(known.owners, minlength=len(known.people))
            assert (counts == PHOTOS).all()  # all faces of each person, so that means are those of the whole gallery
            nearest = whole.photos[int((whole.vectors @ vector).argmax())]
            found += known.photos[int((known.vectors @ vector).argmax())] == nearest
        assert found >= 19  # HNSW is approximate
        together = gallery.known_faces(near)
        assert {whole.photos[place] for place in (whole.vectors @ near.T).argmax(0)} & set(together.photos)


def test_few_faces_are_all_compared(filled: str, crowd: list[list[NewFace]]) -> None:
    with open_gallery(filled, exact_up_to=PEOPLE * PHOTOS) as gallery:
        assert not gallery.finds_near
        assert len(gallery.known_faces(crowd[0][0].vector[None]).vectors) == PEOPLE * PHOTOS


def test_without_pgvector_all_faces_are_compared(postgresql_place: str, crowd: list[list[NewFace]]) -> None:
    with psycopg.connect(postgresql_place) as connection:
        there = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").fetchone()
    if there:
        pytest.skip("this server has pgvector")
    with open_gallery(postgresql_place, must_exist=False, exact_up_to=10) as gallery:
        fill(gallery, crowd[:10])
        assert not gallery.finds_near
        assert len(gallery.known_faces(crowd[0][0].vector[None]).vectors) == 10 * PHOTOS
        assert gallery.statistics().search == "exact: every face is compared; the server lacks pgvector"


def test_the_graph_is_used(filled: str, crowd: list[list[NewFace]]) -> None:
    with psycopg.connect(filled) as connection:
        connection.execute("SET enable_seqscan = off")
        vector = "[" + ",".join(map(str, crowd[0][0].vector)) + "]"
        plan = connection.execute(
            "EXPLAIN SELECT face_id FROM clearface_nearest ORDER BY vector::vector(32) <=> %s::vector(32) LIMIT 5",
            (vector,),
        ).fetchall()
    assert any("Index Scan using clearface_nearest_hnsw" in line for (line,) in plan)


def test_the_graph_follows_every_change(pgvector_place: str, crowd: list[list[NewFace]]) -> None:
    other = ToyEmbedder(3, dimension=24)

    def kept() -> tuple[int, int]:
        with psycopg.connect(pgvector_place) as connection:
            row = connection.execute("SELECT count(*), max(vector_dims(vector)) FROM clearface_nearest").fetchone()
            assert row is not None
            return row[0], row[1]

    with open_gallery(pgvector_place, must_exist=False) as gallery:
        fill(gallery, crowd[:4])
        assert kept() == (4 * PHOTOS, 32)
        gallery.remove("person 0")
        assert kept() == (3 * PHOTOS, 32)
        gallery.merge("person 1", ["person 2"])
        assert kept() == (3 * PHOTOS, 32)
        gallery.reembed(other)
        assert kept() == (3 * PHOTOS, 24)
        gallery.remove("person 1")
        gallery.remove("person 3")
        assert kept()[0] == 0
        fill(gallery, crowd[:1])  # vectors of yet another length
        assert kept() == (PHOTOS, 32)


def test_a_gallery_made_before_the_server_had_pgvector_gets_its_graph(
    pgvector_place: str, crowd: list[list[NewFace]]
) -> None:
    with open_gallery(pgvector_place, must_exist=False) as gallery:
        fill(gallery, crowd[:20])
    with psycopg.connect(pgvector_place, autocommit=True) as connection:
        connection.execute("DROP TABLE clearface_nearest")
        connection.execute("DROP EXTENSION vector")
    with open_gallery(pgvector_place, exact_up_to=10) as gallery:
        assert gallery.finds_near
        known = gallery.known_faces(crowd[7][0].vector[None])
        assert crowd[7][0].photo in known.photos


def test_a_user_who_may_add_nothing_searches_exactly(pgvector_place: str, crowd: list[list[NewFace]]) -> None:
    with open_gallery(pgvector_place, must_exist=False) as gallery:
        fill(gallery, crowd[:5])
    with psycopg.connect(pgvector_place, autocommit=True) as connection:
        connection.execute("DROP TABLE clearface_nearest")
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    try:
        with open_gallery(pgvector_place.replace("postgres@", "reader@"), exact_up_to=10) as gallery:
            assert not gallery.finds_near
            assert len(gallery.known_faces(crowd[0][0].vector[None]).vectors) == 5 * PHOTOS
            with pytest.raises(Exception, match="the database server does not allow it: permission denied"):
                gallery.remove("person 0")
    finally:
        with psycopg.connect(pgvector_place, autocommit=True) as connection:
            connection.execute("DROP OWNED BY reader")
            connection.execute("DROP ROLE reader")
