"""Arrays from a `.safetensors` file."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ingest.suggest import embed_tensors
from ingest.suggest.embed_tensors import FileUnreadable
from tests.ingest.suggest.embed_models import write_tensors

in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@in_one_folder
@given(
    st.dictionaries(
        st.text("abc.", min_size=1, max_size=5),
        st.sampled_from([np.float16, np.float32, np.float64]).flatmap(
            lambda kind: arrays.arrays(
                kind,
                arrays.array_shapes(max_dims=3, max_side=4),
                elements=st.floats(-8, 8, width=16),
            )
        ),
        max_size=3,
    )
)
def test_what_was_written_is_read_in_single_precision(tmp_path, tensors):
    path = tmp_path / "model.safetensors"
    write_tensors(path, tensors)
    assert embed_tensors.names(path) == tensors.keys()
    found = embed_tensors.read(path)
    assert found.keys() == tensors.keys()
    for name, values in tensors.items():
        assert found[name].dtype == np.float32
        assert np.array_equal(found[name], values.astype(np.float32))


def test_the_upper_half_of_a_single_is_a_number_too(tmp_path):
    path = tmp_path / "model.safetensors"
    whole = np.array([1.0, -2.5, 0.0], np.float32)
    write_tensors(path, {"one": (whole.view(np.uint32) >> 16).astype(np.uint16)})
    assert embed_tensors.read(path)["one"].tolist() == whole.tolist()


@in_one_folder
@given(
    st.binary(max_size=60) | st.binary(max_size=40).map(lambda end: b"\x14" + b"\0" * 7 + end)
)
def test_other_bytes_are_refused_and_nothing_else_happens(tmp_path, raw):
    path = tmp_path / "model.safetensors"
    path.write_bytes(raw)
    with pytest.raises(FileUnreadable):
        embed_tensors.read(path)


@in_one_folder
@given(st.data())
def test_a_file_that_is_cut_off_is_refused(tmp_path, data):
    path = tmp_path / "model.safetensors"
    write_tensors(path, {"one": np.ones((2, 3), np.float32)})
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(FileUnreadable):
        embed_tensors.read(path)


@pytest.mark.parametrize(
    "said",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 12]},
        {"dtype": "F32", "shape": [3], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]},
        {"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": 3, "data_offsets": [0, 12]},
        {"dtype": "F32", "shape": [3]},
        ["F32"],
    ],
)
def test_a_tensor_that_is_not_where_it_is_said_is_refused(tmp_path, said):
    import json

    path = tmp_path / "model.safetensors"
    header = json.dumps({"one": said}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(12))
    with pytest.raises(FileUnreadable):
        embed_tensors.read(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileUnreadable, match=r"nowhere\.safetensors"):
        embed_tensors.names(tmp_path / "nowhere.safetensors")
