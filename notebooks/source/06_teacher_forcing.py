# %% [markdown]
# # 06 Teacher forcing
#
# **Who writes the decoder's history?** In training it can be the teacher, with the true words. In use it is the decoder itself, with whatever it has written.
#
# After this chapter you can
# - **unroll** a decoder over a batch, with a coin that decides whose word it reads next,
# - **find** four common faults in a training loop, and **measure** what each one does,
# - **report** the right two numbers: perplexity on the true words, accuracy on the model's own,
# - **compare** schedules over several seeds, and **tell** what one seed alone would have made you believe.
#
# About 60 minutes. Comes after 05. You need to know greedy decoding (03) and masks (01).
#
# ```
#   true words       <sos>       a       black      cat      sleeps
#                      │         │                   │
#   the coin says      │       truth      own      truth      own
#                      ▼         ▼         ▼         ▼         ▼
#   decoder reads    <sos>       a        cat       cat      sleeps
#                      ▼         ▼    ↗    ▼         ▼    ↗    ▼
#   decoder writes     a        cat      sleeps    sleeps    <eos>
# ```

# %% [markdown]
# ## Setup

# %%
import random
import torch

from s2s_lib import EOS, PAD, Memory, Seq2Seq, Step, Translator, Vocabs, analysis, batches
from s2s_lib import build_model, corpora, evaluate, fit, inverse_sigmoid, most_likely, plots
from s2s_lib import teacher_forcing, token_loss
from s2s_lib.ablation import table
from s2s_lib.course import check, hint, predict, progress, reveal, show_source

# %% [markdown]
# ## The problem
#
# `french-none`, the translator without attention of chapter 04, was trained in the usual way. At every step it read the *true* word before and had to say the next one. This is called *teacher
# forcing* (Williams and Zipser 1989). Here is one sentence. The second line is what the model says when it reads the true words, the third what it says when it reads its own.

# %%
vanilla = Translator.load("french-none")
french = "tu dis que nous sommes allés à la nouvelle gare hier"
english = "you say that we went to the new train station yesterday"
forced = vanilla.translate(french, forced=english)
print("truth            ", english, "<eos>")
print("reads the truth  ", *[likeliest[0][0] for likeliest in forced.candidates])
print("reads its own    ", *vanilla.translate(french).trg)

# %% [markdown]
# The second line is not a sentence that anyone wrote. Each of its words answers another question: *what comes after the true words so far?* After `we` the model said `did` where `went` was right,
# and it was handed `went` all the same. Two words of twelve are wrong.
#
# In the third line nobody hands it anything. `did` is what it reads next, `not` is what it then says, and the translation denies what the source affirms.
#
# ### Predict, then run
#
# Over 500 test sentences, about 70 % of the words are right when this translator reads the true words. How many are right, place by place, when it reads its own?
#
# - **a** about 70 %: it is the same model and these are the same sentences
# - **b** about 60 %: each wrong word costs itself and a little more
# - **c** less than half
#
# <details><summary>Why each one tempts</summary>
#
# **a**: what the model knows about French and English has not changed. **b**: in the sentence above most words could be recovered from the source. **c**: in the sentence above they were not.
#
# </details>

# %%
predict("06-gap", answer=None)

# %%
test = corpora.french().test
batch = next(iter(batches(test, vanilla.src_vocab, vanilla.trg_vocab, batch_size=len(test))))
real = batch.trg_out != PAD  # (B, T)
right = {}
for words, p in (("true", 1.0), ("own", 0.0)):
    with torch.no_grad():
        right[words] = most_likely(vanilla.model(batch, p)) == batch.trg_out  # (B, T)
    print(f"reading {words} words: {right[words][real].float().mean():.2f} of all words right")
reveal("06-gap")

# %% [markdown]
# `vanilla.model(batch, p)` runs the decoder over a whole batch; `p` is the probability with which a step reads the truth. Which of the two numbers is the quality of the translator? The second: when it is used,
# nobody knows the true words.
#
# Where does the difference come from? Up to its first wrong word the model has written the truth, so both runs read the same. Split all words there:

# %% figure="Share of right words over position: reading true words falls to about 0.6, reading own words to little more than 0.1."
before = right["own"].long().cumprod(dim=1).roll(1, dims=1)  # 1 up to the first wrong word
before[:, 0] = 1
for name, part in (("up to the first own error", before == 1), ("after it", before == 0)):
    shares = [right[words][part & real].float().mean() for words in right]
    print(f"{name}: {(part & real).sum()} words, true {shares[0]:.2f}, own {shares[1]:.2f}")
ax = plots.new_axes(6, 3.6)
for words, style, colour in (("true", "o-", "#0173b2"), ("own", "s--", "#de8f05")):
    share = (right[words] & real).sum(dim=0) / real.sum(dim=0)  # (T,)
    ax.plot(range(1, 21), share[:20], style, color=colour, label=f"{words} words")
ax.set(xlabel="position in the output", ylabel="share of words right", ylim=(-0.03, 1.03))
ax.set_xticks(range(1, 21, 2))
ax.legend(title="the decoder reads")
ax.figure

# %% [markdown]
# The two curves begin together and part after a few words: with true words the share of right words falls to about 0.6, with its own to little more than 0.1. The numbers above the figure say why. Up to the first error both runs
# have the same share, because they are the same run. After it, the true words still help to get 64 % of the rest right, and the own words lead away, to 28 %. (That the upper curve falls, too, is the bottleneck:
# late positions exist in long sentences only.)
#
# Training on the truth alone never shows a model what its own errors look like. Ranzato et al. (2016) call this *exposure bias*.

# %% [markdown]
# ## Who writes the history
#
# Call the true words $y_1, y_2, \dots$ and the decoder's own $\hat y_1, \hat y_2, \dots$ The token $x_t$ that the decoder reads at step $t$ is
#
# $$x_0 = \texttt{<sos>} \qquad x_t = \begin{cases} y_t & \text{if the coin's draw } u_t < p \\ \hat y_t & \text{otherwise} \end{cases} \qquad u_t \in [0, 1)$$
#
# At $p = 1$ every step is *forced*, at $p = 0$ every step runs *free*. The first step has no choice.
#
# By hand: here is a decoder that looks at nothing but the last word. It has one wrong idea, `cat` after `a`. The truth is `a black cat sleeps <eos>`.

# %%
after = {"<sos>": "a", "a": "cat", "black": "cat", "cat": "sleeps"}
after |= {"sleeps": "<eos>", "<eos>": "<eos>"}
for coin in ("TTTT", "FFFF", "TFTF"):  # T: the draw was below p, read the truth
    written = [after["<sos>"]]
    for draw, truth in zip(coin, ["a", "black", "cat", "sleeps"], strict=True):
        written.append(after[truth if draw == "T" else written[-1]])
    print(coin, *written)

# %% [markdown]
# Forced, one word of five is wrong. Free, three of five are, although the sentence only lacks one word: everything after the gap stands one place too early. So a free accuracy place by place is a strict measure. It
# counts a shift as if all words were lost. The third line is the picture at the top of the chapter.
#
# ### Exercise 06-unroll
#
# Write `my_unroll(step, gold, p, coin)`, one run of a decoder over a batch.
#
# - `gold` is `(B, T)`, whole numbers: column 0 is `<sos>`, column t the true word number t. Don't write into it.
# - `step(tokens, state)` reads one token of each sentence, `(B,)`, and returns `logits, state`, with logits of shape `(B, V)`. What the state is does not matter: give `None` to the first step, and to every later step what
#   the one before returned.
# - `coin()` gives the next draw, a number from 0 up to, not including, 1. Toss it **once a step, for the whole batch, from the second step on**. If the draw is `< p`, the step reads column t of `gold`, else the decoder's own
#   words: for each sentence the token with the largest of the logits just computed, whichever token that is.
#
# Return all logits, `(B, T, V)`: entry `[:, t]` is what came out after token t was read.
#
# An example with one sentence, `gold = [[2, 3, 1]]`, and `p = 0.5`, where the coin gives 0.2 and then 0.9. Step 0 reads 2. Step 1 reads 3, since 0.2 < 0.5. Step 2 reads the token with the largest logit of step 1.
#
# *Difficulty 2 of 3, 20 minutes, about 7 lines. The coin of the check is scripted, so that no luck is involved.*
#
# <details><summary>First hint</summary>
#
# What does the first step read, and which two candidates has every later step for the token that it reads?
#
# </details>


# %% exercise="06-unroll"
def my_unroll(step, gold, p, coin):
    """Run a decoder over gold (B, T), reading the truth where the coin falls below p."""
    ### BEGIN SOLUTION
    logits, state = step(gold[:, 0], None)
    rows = [logits]
    for t in range(1, gold.shape[1]):
        tokens = gold[:, t] if coin() < p else logits.argmax(dim=1)  # (B,)
        logits, state = step(tokens, state)
        rows.append(logits)
    return torch.stack(rows, dim=1)  # (B, T, V)
    ### END SOLUTION


# %% check="06-unroll"
check("06-unroll", my_unroll)

# %% [markdown]
# ### In the library: `flip` and `Seq2Seq.forward`
#
# The library tosses all coins first. Then a stretch of forced steps can go through the network in one call, and only a free step has to wait for the one before it.

# %%
show_source(teacher_forcing.flip, Seq2Seq.forward, after="06-unroll")

# %% [markdown]
# ## Find the faults
#
# Here is a forward pass in the manner of a lecture's `Seq2seq.forward`. Each of its faults can be found in published teaching code. `trg` goes from `<sos>` to `<eos>`, and `p` is meant to be
# the probability of teacher forcing. The first six lines are the encoder of chapter 02.


# %%
def lecture_forward(model, src, trg, p):
    """Predict trg (B, T) from src (B, S): (B, T, V)."""
    embedded, lengths = model.encoder.embedding(src), (src != PAD).sum(dim=1)
    packed = torch.nn.utils.rnn.pack_padded_sequence(embedded, lengths, batch_first=True)
    states, last = model.encoder.rnn(packed)
    states = torch.nn.utils.rnn.pad_packed_sequence(states, batch_first=True)[0]  # (B, S, 2H)
    states = states.unflatten(2, (2, -1)).sum(dim=2)  # (B, S, H)
    memory = Memory(states, (model.encoder.bridged(last),), src != PAD)
    outputs = torch.zeros(*trg.shape, model.decoder.output.out_features)  # (B, T, V)
    token, state = trg[:, :1], memory.initial
    for t in range(1, trg.shape[1]):
        logits, state, *_ = model.decoder(token, state, memory)
        outputs[:, t] = logits[:, 0]
        token = trg[:, t : t + 1] if random.random() > p else logits.argmax(dim=2)
    return outputs


# %% [markdown]
# Read it line by line and note what you find before you open the list.
#
# <details><summary>Four faults</summary>
#
# 1. `random.random() > p` reads the truth where the draw is *above* p: the coin is inverted.
# 2. The loop begins at 1, so `outputs[:, 0]` stays a row of zeros. Whoever computes the loss over all rows counts it.
# 3. Nothing stops at `<eos>`: a sentence runs on to the length of the longest one in the batch.
# 4. `pack_padded_sequence` without `enforce_sorted=False` takes only batches sorted by length, longest first.
#
# </details>
#
# ### Predict, then run
#
# `french-general`, an attention model, has a loss of 0.03 nats a word on the test sentences. Now row 0 is counted as well: the target there is `<sos>`, the logits are zeros. What is the loss then?
#
# - **a** still 0.03: zeros add nothing
# - **b** more than ten times as much
# - **c** lower: one easy token more in each sentence
#
# <details><summary>Why each one tempts</summary>
#
# **a**: zeros add nothing to a sum. **b**: a logit of 0 is not a loss of 0. **c**: `<sos>` is the same every time, what could be easier?
#
# </details>

# %%
predict("06-zeros", answer=None)

# %%
general = Translator.load("french-general")
batch = next(iter(batches(test, general.src_vocab, general.trg_vocab, batch_size=len(test))))
order = batch.src_mask.sum(dim=1).argsort(descending=True, stable=True)  # longest first
src = batch.src[order]
trg = torch.cat([batch.trg_in[:, :1], batch.trg_out], dim=1)[order]  # <sos> y1 .. yn <eos>
with torch.no_grad():
    outputs = lecture_forward(general.model, src, trg, p=0)  # the coin is inverted: true words
print(f"without row 0: {token_loss(outputs[:, 1:], trg[:, 1:]):.2f} nats a word")
print(f"with row 0:    {token_loss(outputs, trg):.2f} nats a word")
print(f"log V:         {torch.tensor(len(general.trg_vocab)).log():.2f}")
reveal("06-zeros")

# %% [markdown]
# All zeros means all $V$ words alike, which costs $\log V = 5.87$ nats for each sentence. No training can bring it down, since nothing that is learned reaches that row. It only hides how good the rest has become.
#
# The other three, each measured:

# %%
random.seed(0)
truth = sum(random.random() > 0.9 for _ in range(10_000))
print(f"p = 0.9: the truth is read in {truth / 10_000:.0%} of 10,000 steps")
with torch.no_grad():
    tokens = lecture_forward(general.model, src, trg, p=1).argmax(dim=2)  # inverted: own words
ends = (tokens == EOS).long()
ended = ends.cumsum(dim=1) - ends > 0  # behind the first <eos>
chatty = (ended & (tokens != EOS)).any(dim=1)
print(f"words behind <eos> in {chatty.float().mean():.0%} of the sentences, for example:")
print(*[general.trg_vocab.tokens[i] for i in tokens[chatty][2]])
for name, rows in (("as it is", tokens), ("cut at <eos>", tokens.masked_fill(ended, PAD))):
    print(f"{name}: {(rows[:, 1:] == trg[:, 1:]).all(dim=1).float().mean():.0%} exact")
try:
    lecture_forward(general.model, src.flip(0), trg.flip(0), p=0)
except RuntimeError:
    print("shortest first: RuntimeError")

# %% [markdown]
# At p = 0.9 nine steps of ten run free, where one of ten was meant. In 86 % of the sentences words follow after `<eos>`, and as they stand hardly any of the 500 rows equals its reference. Cut at `<eos>`, 93 % do. (The output
# begins with `<pad>`: that is row 0, read as a word.) In training the words behind `<eos>` cost time only, since their targets are pads and the loss leaves them out.
#
# The last fault at least is loud. A silent version of it sorts `src` and forgets to sort `trg` the same way.
#
# ## Two numbers, two histories
#
# How should a model be measured while it trains? Two numbers are common, and each has a history that belongs to it.
#
# *Perplexity* is $\exp$ of the mean loss over all real words. It says among how many words, so to speak, the model still hesitates. The loss asks for the probability of the true sentence, which is
# $\prod_t p(y_t \mid y_1 \dots y_{t-1})$. The history in that product is the true one. *Accuracy* as a user meets it has the model's own. What if both are taken from a free run?

# %%
data = list(batches(test, vanilla.src_vocab, vanilla.trg_vocab, batch_size=50))
for words, p in (("true", 1.0), ("own", 0.0)):
    loss, accuracy = evaluate(vanilla.model, data, p)
    perplexity = torch.tensor(loss).exp()
    print(f"reading {words} words: exp(loss) {perplexity:.3g}, accuracy {accuracy:.2f}")

# %% [markdown]
# The perplexity of this model is 2.66. The 269 below it looks like a perplexity, and is the exponential of a loss that compares word 7 of the truth with what should follow six other words. There are 354 words in the
# vocabulary: the free run, nearly half of it right, is graded little better than a model that gives every word the same probability.
#
# ### Exercise 06-score
#
# Write `my_score(forced, free, targets)`. `forced` and `free`, both `(B, T, V)`, are the logits of a run on the true words and of a run on the model's own. `targets`, `(B, T)`, holds the words to predict, and
# 0, which is `PAD`, behind the end of a sentence. Return two tensors without axes, `perplexity, accuracy`:
#
# - the perplexity on the true history, all real words of the batch weighing the same,
# - the share of real words that the free run gets right, its word being the one with the largest logit, whichever word that is.
#
# Write it without `token_loss` and `token_accuracy`. An example for the first: two real words, to which the forced run gives the probabilities 1/2 and 1/8. The mean loss is $(\log 2 + \log 8) / 2 = \log 4$, the perplexity 4.
#
# *Difficulty 2 of 3, 15 minutes.*
#
# <details><summary>First hint</summary>
#
# Which of the two runs tells how probable the true sentence is, and which tells what a user would get?
#
# </details>


# %% exercise="06-score"
def my_score(forced, free, targets):
    """Perplexity of the forced run and accuracy of the free run, over real words."""
    ### BEGIN SOLUTION
    real = targets != PAD  # (B, T)
    loss = torch.nn.functional.cross_entropy(forced[real], targets[real])
    right = free.argmax(dim=2)[real] == targets[real]
    return loss.exp(), right.float().mean()
    ### END SOLUTION


# %% check="06-score"
check("06-score", my_score)

# %% [markdown]
# ### In the library: `evaluate` and `free_running_gap`
#
# `evaluate` goes through several batches. It multiplies each mean by its number of words before adding up: a mean of means would let a small batch weigh as much as a large one.

# %%
show_source(evaluate, analysis.free_running_gap, after="06-score")

# %% [markdown]
# ## Letting go: schedules
#
# Bengio et al. (2015) begin with the truth and let go bit by bit, which they call *scheduled sampling* (section 2.4). Three ways to fall, with $i$ the number of the training step, $k$ and $c$ constants:
#
# $$\text{linear: } k - c\,i \qquad \text{exponential: } k^i \qquad \text{inverse sigmoid: } \frac{k}{k + \exp(i / k)}$$
#
# In the last, $k$ sets both the height of the start, $k / (k + 1)$, and the place of the fall: the value is one half where $\exp(i/k) = k$, so at $i = k \log k$. By hand for $k = 2$: $p = 2 / (2 + 1) = 0.67$ at
# step 0 and $2 / (2 + e) = 0.42$ at step 2.
#
# The library's schedules count *progress*, from 0 at the first training step to 1 at the last. Its inverse sigmoid, $1 / (1 + \exp(k (\text{progress} - 1/2)))$, falls in the middle however long the training is.

# %% figure="Four schedules falling from 1 to 0 over 1,000 steps; the inverse sigmoids stay high first and fall around the middle."
steps = torch.arange(0, 1000, 50)
schedules = {"linear": teacher_forcing.linear(), "exponential": teacher_forcing.exponential()}
schedules["inverse sigmoid, library"] = inverse_sigmoid()
values = {name: [p(i / 999) for i in steps.tolist()] for name, p in schedules.items()}
values["inverse sigmoid, original, k = 100"] = 100 / (100 + torch.exp(steps / 100))
ax = plots.new_axes(6.5, 3.6)
looks = ("o", "#0173b2"), ("s", "#de8f05"), ("^", "#029e73"), ("D", "#cc78bc")
for (name, p), (marker, colour) in zip(values.items(), looks, strict=True):
    ax.plot(steps, p, marker=marker, color=colour, markersize=4, label=name)
ax.set(xlabel="training step, of 1,000", ylabel="probability of the truth", ylim=(-0.03, 1.03))
ax.legend()
ax.figure

# %% [markdown]
# The exponential lets go fastest at the start, the two inverse sigmoids hold on longest. With $k = 100$ the original falls around step $100 \log 100 = 461$, which suits 1,000 steps. With $k = 10$ it would be over after
# about 60 steps, with $k = 1000$ it would not have begun.
#
# ### Exercise 06-schedule
#
# Write `my_inverse_sigmoid(steps, k)` in the original form, $k / (k + \exp(i/k))$. `steps` is a tensor of shape `(N,)` with whole numbers $i \ge 0$, in any order; `k` is a float, 1 or more. Return the N probabilities,
# a tensor of floats `(N,)`. It has to hold for any step, also where $\exp(i / k)$ is larger than any float: there p is 0, and neither an error nor `nan`. For `k = 2` and the steps 0 and 2 it gives 0.67 and 0.42.
#
# *Difficulty 2 of 3, 10 minutes, one line is enough.*
#
# <details><summary>First hint</summary>
#
# Should p rise or fall with i, and which values does it have at i = 0 and after very many steps?
#
# </details>


# %% exercise="06-schedule"
def my_inverse_sigmoid(steps, k):
    """Probability of reading the truth at each of the steps (N,): k / (k + exp(i / k))."""
    ### BEGIN SOLUTION
    return k / (k + torch.exp(steps / k))  # exp may be inf, and k / inf is 0
    ### END SOLUTION


# %% check="06-schedule"
check("06-schedule", my_inverse_sigmoid)

# %% [markdown]
# ### In the library: `inverse_sigmoid`

# %%
show_source(inverse_sigmoid, after="06-schedule")

# %% [markdown]
# ## Two trainings, side by side
#
# The small French corpus of chapter 04, 2,000 sentences, two epochs, general attention: once all forced, once all free. Every 14 steps both accuracies are measured on 100 other sentences.

# %%
corpus = corpora.french(size="small")
vocabs = Vocabs.of(corpus)
valid = list(batches(corpus.valid[:100], *vocabs, batch_size=100))


def trained(p):
    """Train for two epochs; every 14 steps: the step, forced and free accuracy."""
    shuffle, rows = torch.Generator().manual_seed(0), []
    train = batches(corpus.train[:2000], *vocabs, batch_size=32, generator=shuffle)
    sizes = {"embedding_dim": 64, "hidden_size": 128, "num_layers": 1}
    model = build_model(*map(len, vocabs), attention="general", **sizes)

    def watch(event):
        if isinstance(event, Step) and event.step % 14 == 0:
            rows.append((event.step, *analysis.free_running_gap(model, valid)))

    fit(model, train, epochs=2, warmup=0.1, teacher_forcing=p, progress=False, on_event=watch)
    return rows


# %% figure="Accuracy over training steps: with p = 1 forced far above free, with p = 0 both close together and low."
curves = {p: trained(p) for p in (1.0, 0.0)}
gap = {p: rows[-1][1] - rows[-1][2] for p, rows in curves.items()}  # forced - free, at the end
print("p = 1: a gap of more than 20 points:", "yes" if gap[1.0] > 0.2 else "no")
print("p = 0: a gap of less than 10 points:", "yes" if abs(gap[0.0]) < 0.1 else "no")
ax = plots.new_axes(6, 3.6)
for p, marker, colour in ((1.0, "o", "#0173b2"), (0.0, "^", "#de8f05")):
    at, forced, free = zip(*curves[p], strict=True)
    ax.plot(at, forced, f"{marker}-", color=colour, label=f"p = {p:.0f}, reading true words")
    ax.plot(at, free, f"{marker}--", color=colour, label=f"p = {p:.0f}, reading its own")
ax.set(xlabel="training step", ylabel="share of words right", ylim=(-0.03, 1.03))
ax.legend()
ax.figure

# %% [markdown]
# The model that always read the truth has a wide gap between its two curves. The one that never did has almost none, and is no better for it: both of its curves end no higher than
# about where the other model's *lower* one does. A small gap is no quality in itself. Whether this model reads true words or its own hardly changes what it says.
#
# Why should p = 0 be slow? After a wrong word the loss still asks for the next word of the *true* sentence, now in another context, and early in training nearly every word is wrong. Huszár (2015) argues that
# scheduled sampling is inconsistent for this reason: even with unlimited data, its best solution need not be the true distribution.
#
# ## What is it worth?
#
# Longer trainings, and more of them: 8,000 sentences, four epochs, five fixed probabilities and three schedules, each with five seeds. They took 14 minutes of processor time, so the results come as a table,
# which `python -m s2s_lib.ablation teacher-forcing` makes again.
#
# ### Predict, then run
#
# Which of these will the share of exact translations, reading their own words, support?
#
# - **a** schedules win: they combine a quick start with getting used to one's own errors
# - **b** p = 1 is worst: it never met its own errors
# - **c** p = 0 is worst, and which of the other seven is best changes with the seed
#
# <details><summary>Why each one tempts</summary>
#
# **a**: it is the advice of the lecture and of the paper. **b**: it is what *exposure bias* seems to say. **c**: you have seen p = 0 learn slowly, and four epochs may be enough for everyone else.
#
# </details>

# %%
predict("06-worth", answer=None)

# %% figure="Share of wrong translations for eight settings, five seeds each: p = 0 highest, the others overlap."
results = table("teacher-forcing")
names = list(results.schedule.unique())
ax = plots.new_axes(7.5, 3.8)
for place, name in enumerate(names):
    wrong = 1 - results[results.schedule == name].sort_values("seed").exact
    ax.hlines(wrong.mean(), place - 0.35, place + 0.35, color="black", zorder=0)
    for seed, (share, marker) in enumerate(zip(wrong, "os^Dv", strict=True)):
        label = f"seed {seed}" if place == 0 else None
        ax.plot(place - 0.24 + 0.12 * seed, share, marker, color="#0173b2", label=label)
ax.set_xticks(range(len(names)), [name.replace(" ", "\n") for name in names])
ax.set(xlabel="probability p of reading the truth, or its schedule")
ax.set(ylabel="translations that are not exact", ylim=(0, 0.32))
ax.legend(loc="upper right", ncols=5)
reveal("06-worth")
ax.figure

# %% [markdown]
# Only p = 0 stands apart: its five dots lie above all others. Among the other seven, the dots of every setting spread wider than the means, the black lines, differ from each other. (The scale ends at 32 %, so
# that the dots can be told apart.) The next cell has the same table in numbers, on test sentences except for the
# first epoch.
#
# Between the seven with some truth, the means differ by up to 1.6 points. Could that be luck? Suppose that the name of a setting meant nothing. Then the seven results of a seed could as well be dealt out to the seven names by lot. The last lines do so
# 2,000 times, and count how often the means come to lie at least as far apart.

# %%
print(f"{'':16}exact: mean, lowest to highest   gap   after epoch 1   seconds")
for name in names:
    rows = results[results.schedule == name]
    spread = f"{rows.exact.mean():11.1%}, {rows.exact.min():.1%} to {rows.exact.max():.1%}"
    gap, first = (rows.forced - rows.free).mean(), rows.accuracy_1.mean()
    print(f"{name:16}{spread}{gap:12.1%}{first:13.0%}{rows.cpu_seconds.mean():14.0f}")
print()
for seed, rows in results.groupby("seed"):
    top = rows[rows.exact == rows.exact.max()]
    straight, full = (rows[rows.schedule == name].exact.item() for name in ("linear", "1"))
    best = f"best is {' and '.join(top.schedule)}"
    print(f"seed {seed}: linear {straight:.1%}, p = 1 {full:.1%}; {best}")

seven = results[results.schedule != "0"].pivot(index="seed", columns="schedule", values="exact")
exact = (torch.tensor(seven.to_numpy()) * 500).round()  # (5, 7), sentences of 500
lots = torch.rand(2000, 5, 7, generator=torch.Generator().manual_seed(0)).argsort(dim=2)
dealt = exact.expand(2000, 5, 7).gather(2, lots).sum(dim=1)  # (2000, 7)
found, spans = exact.sum(dim=0), dealt.amax(dim=1) - dealt.amin(dim=1)
share = (spans >= found.max() - found.min()).float().mean()
print(f"\ndealt out by lot, at least as far apart: {share:.0%}")

# %% [markdown]
# What one can say, and what not:
#
# - **No truth at all is worst**, with each of the five seeds. On average it also leaves the *widest* gap between forced and free accuracy, unlike after the short training above: 1.4 points against 0.4 to 0.8.
# - **The other seven cannot be told apart.** Dealt out by lot, their means would lie as far apart in about one case of eight. Seed 0 alone would say that the linear schedule beats p = 1. Seed 2
#   alone would say that it loses by more than 3 points. Four different settings are best, or share the first place, with one seed or another.
# - **The truth buys speed.** After one epoch 92 % of the words are right at p = 1, 71 % at 0.25 and 40 % at 0, read from the true words. And a forced sentence goes through in one call: 18 seconds of training against 24.
#
# The advice to begin with the truth and then let go is not confirmed here, and not refuted. It is one corpus, one budget and one size of model, with less than one word in a hundred wrong. Measure the gap of your own model
# first: if it is small, there is little that a schedule could win.

# %%
progress("06")

# %% [markdown]
# ## Recap
#
# - The decoder's **history** is written by the teacher (p = 1), by itself (p = 0) or by whom the coin says: the truth where the draw is **below** p.
# - **Perplexity** belongs to the true history, **accuracy for a user** to the model's own, and both count each real word once.
# - A difference between two trainings means little until it is larger than the **spread over seeds**.
#
# | name | shape | |
# |---|---|---|
# | `gold` | (B, T) | `<sos>` and the true words, what a forced run reads |
# | tokens read in one step | (B,) | a column of `gold`, or the decoder's own words |
# | draws of the coin | (T - 1,) | one a step, from the second on |
# | logits | (B, T, V) | row t: the prediction after token t was read |
# | targets | (B, T) | the words to predict, 0 behind the end |
# | perplexity, accuracy | () | one number each |
#
# Next: [07, why does attention help, and what does a heatmap prove?](07_why_it_works.ipynb)
#
# **Stretch (optional).** Let `my_unroll` toss a coin of its own for each sentence, as `coin="token"` does in the library. Train both ways with `fit(..., teacher_forcing=0.5, coin=...)`, with three seeds or more. How large must the difference be before you
# believe it?
