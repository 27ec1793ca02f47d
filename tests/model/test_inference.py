from types import SimpleNamespace

import pytest
import torch
from torch import nn

from s2s_lib.model.inference import evaluating, inference


@pytest.fixture
def mixed():
    """A model in training whose first part was switched to evaluation on purpose."""
    model = nn.Sequential(nn.Dropout(0.5), nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 3))).train()
    model[0].eval()
    return model


def modes(model):
    return [part.training for part in model.modules()]


@pytest.mark.parametrize("door", [evaluating, inference])
def test_every_part_is_back_in_its_own_mode_afterwards(door, mixed):
    before = modes(mixed)
    with door(mixed):
        assert not any(modes(mixed))
    assert modes(mixed) == before
    with pytest.raises(KeyError), door(mixed):
        raise KeyError
    assert modes(mixed) == before


def test_inference_has_no_gradients_and_evaluating_has(mixed):
    x = torch.ones(2, 3)
    with inference(mixed):
        assert not mixed(x).requires_grad
    with evaluating(mixed):
        assert mixed(x).requires_grad
    assert torch.is_grad_enabled()


def test_a_model_that_is_no_module_itself_is_looked_into(mixed):
    before = modes(mixed)
    with inference(SimpleNamespace(encoder=mixed, decoder=lambda token: token)):
        assert not any(modes(mixed))
    assert modes(mixed) == before


@pytest.mark.parametrize("door", [evaluating, inference])
def test_a_mode_that_is_changed_meanwhile_is_put_back_too(door, mixed):
    before = modes(mixed)
    assert set(before) == {True, False}
    for change in (mixed.train, mixed.eval):
        with door(mixed):
            change()
        assert modes(mixed) == before
