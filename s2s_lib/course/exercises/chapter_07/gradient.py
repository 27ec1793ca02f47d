"""07-gradient: how much of the loss's gradient reaches each source state?"""

import torch

from ...desk.exercise import Exercise, Wrong, numbers
from .losses import LastState, LookingBack


def gradient(loss_of, states):
    """Norm of the gradient of loss_of(states) at each source state (B, S, H): (B, S)."""
    copy = states.detach().clone().requires_grad_()
    return torch.autograd.grad(loss_of(copy), copy)[0].norm(dim=2)


def _cases(generator):
    yield LastState(generator, 2), numbers(generator, 1, 3, 2)
    yield LookingBack(generator, (2, 4, 3), 2), numbers(generator, 3, 4, 2)
    # A tensor that has been through a `backward` already: its old gradient is not the one asked for.
    states = numbers(generator, 2, 3, 4).requires_grad_()
    states.grad = numbers(generator, 2, 3, 4) + 2
    yield LastState(generator, 4), states
    yield LookingBack(generator, (5,), 3), numbers(generator, 1, 5, 3)


def _then(end):
    """Do something else with the right gradient."""

    def answer(loss_of, states):
        copy = states.detach().clone().requires_grad_()
        return end(torch.autograd.grad(loss_of(copy), copy)[0], states.detach())

    return answer


def _backward_in_place(loss_of, states):
    states.requires_grad_()
    loss_of(states).backward()
    return states.grad.norm(dim=2)


def _switched_on(loss_of, states):
    states.requires_grad_()
    return torch.autograd.grad(loss_of(states), states)[0].norm(dim=2)


def _backward_as_given(loss_of, states):
    loss_of(states).backward()
    return states.grad.norm(dim=2)


def _detached_on_the_way(loss_of, states):
    copy = states.detach().clone().requires_grad_()
    return torch.autograd.grad(loss_of(copy.detach()), copy)[0].norm(dim=2)


def _copied_once_more(loss_of, states):
    copy = states.detach().clone().requires_grad_()
    return torch.autograd.grad(loss_of(states.detach().clone().requires_grad_()), copy)[0].norm(dim=2)


def _grad_of_a_clone(loss_of, states):
    copy = states.clone().requires_grad_()
    loss_of(copy).backward()
    return copy.grad.norm(dim=2)


def _tuple(loss_of, states):
    copy = states.detach().clone().requires_grad_()
    return torch.autograd.grad(loss_of(copy), copy).norm(dim=2)


GRADIENT = Exercise(
    id="07-gradient",
    objective="Measure how much of a loss's gradient reaches each source state",
    points=3,
    minutes=15,
    difficulty=2,
    reference=gradient,
    cases=lambda generator: list(_cases(generator)),
    hints=(
        "Which tensor must the graph lead back to, and what has to be switched on in it before the loss is computed?",
        "`copy = states.detach().clone().requires_grad_()` is a fresh leaf with the same numbers: compute the loss of "
        "that. `torch.autograd.grad(loss, copy)` returns the gradients as a tuple and writes them nowhere.",
        "The gradient is (B, S, H), as the states are. Its length at each word is `.norm(dim=2)`, (B, S).",
    ),
    wrong=(
        Wrong(
            "left-in-grad",
            "`backward` leaves its gradient behind in the caller's `states`, and where an old one stood there, it adds "
            "to it. Ask on a copy of your own: `states.detach().clone().requires_grad_()`.",
            _backward_in_place,
        ),
        Wrong(
            "switched-on",
            "The norms are right, but `requires_grad_()`, with its underscore, changes the caller's `states`. Switch "
            "gradients on in a copy of your own: `states.detach().clone().requires_grad_()`.",
            _switched_on,
        ),
        Wrong(
            "no-graph",
            "Nothing leads from the loss back to the tensor you ask about. It must require gradients before the loss "
            "is computed, and the loss must be computed of that very tensor, not of a detached or second copy.",
            lambda loss_of, states: torch.autograd.grad(loss_of(states), states)[0].norm(dim=2),
            _backward_as_given,
            _detached_on_the_way,
            _copied_once_more,
        ),
        Wrong(
            "not-a-leaf",
            "A clone of a tensor that requires gradients is no leaf, and `backward` fills `.grad` at leaves only: it "
            "stays None. Put `detach()` before `clone()`.",
            _grad_of_a_clone,
        ),
        Wrong(
            "tuple",
            "`torch.autograd.grad` returns a tuple, one gradient for each tensor that you asked about. Take `[0]`.",
            _tuple,
        ),
        Wrong(
            "norm-axis",
            "The norm runs over the wrong axis. A word's gradient is a vector of H numbers; these are to become one "
            "number, and B and S are to stay.",
            _then(lambda grad, states: grad.norm(dim=1)),
            _then(lambda grad, states: grad.norm(dim=0)),
            _then(lambda grad, states: grad.norm(dim=(0, 1))),
            _then(lambda grad, states: grad.norm(dim=(0, 2))),
            _then(lambda grad, states: grad.norm(dim=(1, 2))),
            _then(lambda grad, states: grad.norm()),
        ),
        Wrong(
            "not-normed",
            "This is the gradient itself, a vector for each word. Its length is asked for.",
            _then(lambda grad, states: grad),
        ),
        Wrong(
            "squared",
            "These are the squares of the norms: the square root is missing.",
            _then(lambda grad, states: (grad**2).sum(dim=2)),
        ),
        Wrong(
            "summed",
            "The components are added or averaged with their signs, so that they cancel: a strong gradient can come "
            "out as 0. The norm squares them first.",
            _then(lambda grad, states: grad.sum(dim=2)),
            _then(lambda grad, states: grad.mean(dim=2)),
            _then(lambda grad, states: grad.sum(dim=2).abs()),
        ),
        Wrong(
            "other-norm",
            "That is another norm (the sum, the mean or the largest of the absolute values). Here the length is meant, "
            "the root of the sum of squares: `norm`'s own default.",
            _then(lambda grad, states: grad.abs().sum(dim=2)),
            _then(lambda grad, states: grad.abs().mean(dim=2)),
            _then(lambda grad, states: grad.abs().amax(dim=2)),
            _then(lambda grad, states: (grad**2).mean(dim=2).sqrt()),
        ),
        Wrong(
            "states-normed",
            "This is the length of the states. Asked for is the length of the loss's gradient there: how much the loss "
            "would change if a state moved a little.",
            _then(lambda grad, states: states.norm(dim=2)),
        ),
        Wrong(
            "times-input",
            "The gradient is multiplied with the states. That is a measure of its own, gradient times input; here the "
            "gradient alone is asked for.",
            _then(lambda grad, states: (grad * states).norm(dim=2)),
            _then(lambda grad, states: (grad * states).sum(dim=2)),
            _then(lambda grad, states: (grad * states).sum(dim=2).abs()),
        ),
        Wrong(
            "normalised",
            "The norms are divided by their sum, their mean or their largest. That shows who gets more, and hides how "
            "much there is. Return the norms as they are.",
            _then(lambda grad, states: grad.norm(dim=2) / grad.norm(dim=2).sum(dim=1, keepdim=True)),
            _then(lambda grad, states: grad.norm(dim=2) / grad.norm(dim=2).amax(dim=1, keepdim=True)),
            _then(lambda grad, states: grad.norm(dim=2) / grad.norm(dim=2).sum()),
            _then(lambda grad, states: grad.norm(dim=2) / grad.norm(dim=2).max()),
            _then(lambda grad, states: grad.norm(dim=2).softmax(dim=1)),
        ),
    ),
)
