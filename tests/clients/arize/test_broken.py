import pytest, os
def test_fails(newest): assert newest.list("LLM") == 3
def test_passes(newest): assert newest.list("LLM") == []
@pytest.mark.skip
def test_left(): pass
def test_dies(): os._exit(3)
