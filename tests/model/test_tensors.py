"""A wrong tensor gets an error that says what is meant, whichever measure it is given to, and never a number."""

import inspect

import pytest
import torch

from s2s_lib.model import metrics

LOGITS, TARGETS = torch.zeros(2, 3, 7), torch.tensor([[4, 5, 3], [6, 3, 0]])
WRONG_TENSORS = [
    pytest.param("token_loss", (LOGITS.transpose(1, 2), TARGETS), "B, T, V", id="torch's own order of axes"),
    pytest.param("token_loss", (LOGITS[:, :2], TARGETS), "B, T, V", id="a step missing"),
    pytest.param("token_loss", (LOGITS[:1], TARGETS), "B, T, V", id="one sentence for two"),
    pytest.param("token_loss", (LOGITS[0], TARGETS[0]), "B, T, V", id="a sentence without a batch"),
    pytest.param("token_loss", (LOGITS, torch.zeros_like(TARGETS)), "no real token", id="pads only"),
    pytest.param("token_loss", (LOGITS[:, :0], TARGETS[:, :0]), "no real token", id="no step"),
    pytest.param("token_loss", (LOGITS, TARGETS + 4), "token 10.*0 to 6", id="outside of the vocabulary"),
    pytest.param("token_loss", (LOGITS, TARGETS - 1), "holds -1", id="below 0"),
    pytest.param("token_loss", (LOGITS.long(), TARGETS), "logits is a tensor of int64", id="whole logits"),
    pytest.param("token_loss", (LOGITS, LOGITS), "targets is a tensor of float32", id="logits twice"),
    pytest.param("token_loss", (LOGITS.tolist(), TARGETS), "logits is a list", id="lists"),
    pytest.param("token_loss", (LOGITS, TARGETS, 1.5), "label_smoothing=1.5", id="smoothing above 1"),
    pytest.param("token_loss", (LOGITS, TARGETS, -0.1), "label_smoothing=-0.1", id="smoothing below 0"),
    pytest.param("token_accuracy", (LOGITS, TARGETS), "most_likely", id="logits for predictions"),
    pytest.param("token_accuracy", (TARGETS > 0, TARGETS), "tensor of bool", id="a mask"),
    pytest.param("token_accuracy", (TARGETS[:1], TARGETS), "B, T", id="one sentence that would be repeated"),
    pytest.param("token_accuracy", (TARGETS[:, :1], TARGETS), "B, T", id="one step that would be repeated"),
    pytest.param("token_accuracy", (TARGETS, TARGETS * 0), "no real token", id="targets of pads only"),
    pytest.param("token_accuracy", (TARGETS.tolist(), TARGETS.tolist()), "predicted is a list", id="lists of ids"),
    pytest.param("entropy", (torch.tensor([2.0, 1.0]),), "softmax", id="scores"),
    pytest.param("entropy", (torch.tensor([[1.0, 0.0], [1.5, -0.5]]),), "softmax", id="below 0"),
    pytest.param("entropy", (torch.zeros(2, 3),), "softmax", id="zeros"),
    pytest.param("entropy", (torch.zeros(2, 0),), "softmax", id="of nothing"),
    pytest.param("entropy", (torch.full((2, 2), float("nan")),), "softmax", id="nan"),
    pytest.param("entropy", (torch.tensor(1.0),), "single number", id="a number"),
    pytest.param("entropy", ([0.5, 0.5],), "weights is a list", id="list"),
]


@pytest.mark.parametrize(("name", "given", "said"), WRONG_TENSORS)
def test_tensors_of_another_shape_or_kind_are_refused(name, given, said):
    with pytest.raises((ValueError, TypeError), match=said):
        inspect.unwrap(getattr(metrics, name))(*given)
