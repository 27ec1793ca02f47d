# %% [markdown]
# # 03 Vanilla seq2seq
#
# **How does one vector become a sentence?** A second network takes it as its first state and writes one word at a time, reading each word that it wrote.
#
# After this chapter you can
# - **trace** how a decoder turns a vector into words, step by step,
# - **compute** the loss of a padded batch so that pads count for nothing,
# - **write** greedy decoding for a whole batch,
# - **measure** what one vector cannot hold, and **explain** what reading the source backwards changes.
#
# About 60 minutes. Comes after 02, where the encoder turned a sentence into one vector.
#
# ```
#   il   regarde  un    livre                      he    looks    ...    <eos>
#   │       │      │      │                        ▲       ▲       ▲       ▲
# ┌─▼───────▼──────▼──────▼─┐                    ┌─┴───────┴───────┴───────┴─┐
# │         encoder         ├──── one vector ───►│          decoder          │
# └─────────────────────────┘    and no more     └─▲───────▲───────▲───────▲─┘
#                                                <sos>    he     looks    ...
# ```

# %% [markdown]
# ## Setup

# %%
import torch
import torch.nn.functional as F

from s2s_lib import EOS, PAD, SOS, Translator, Vocabs, ablation, analysis, batches, build_model, collate
from s2s_lib import corpora, exact_match, fit, greedy, greedy_steps, most_likely, plots, token_loss
from s2s_lib.course import check, hint, predict, progress, reveal, show_source

# %% [markdown]
# ## The problem
#
# `french-none` is a translator with an encoder, a decoder and nothing else, trained on 8,000 sentences of the workbook's made-up French. Its encoder turns *le chat
# noir dort* (the black cat sleeps) into one vector, `memory.initial`. Let us ask the decoder for four words:

# %%
vanilla = Translator.load("french-none")
ids, _ = vanilla.encode("le chat noir dort", "")
src = torch.tensor([ids])  # (1, S)
memory = vanilla.model.encoder(src, src != PAD)
for _ in range(4):
    decoded = vanilla.model.decoder(torch.tensor([[SOS]]), memory.initial, memory)
    print(*vanilla.trg_vocab.decode(most_likely(decoded.logits)[0]))

# %% [markdown]
# Four times the same question, four times the same answer. One vector is one thing, and a sentence is several things in a row. So something must differ between the first question and the second.
#
# ## Two networks and a vector
#
# Two things do. The decoder has a *state* $h_t$ that changes with every step, and it *reads the word that it wrote last*. The vector is its first state $h_0$, the first word that it reads is `<sos>`, "start of sentence". Each step
# reads a word, updates the state, and gives every word of the vocabulary a probability of coming next:
#
# $$h_t = \text{GRU}(y_{t-1}, h_{t-1}) \qquad p(y_t) = \text{softmax}(W_s \tanh(W_c h_t))$$
#
# The sentence is done when the most likely word is `<eos>`, "end of sentence". Nobody tells the decoder how long it will be.

# %%
encoder, decoder = vanilla.model.encoder, vanilla.model.decoder
reading, writing = ({id(weight) for weight in net.parameters()} for net in (encoder, decoder))
print("weights:", len(reading), "and", len(writing), "tensors; shared:", len(reading & writing))
print("token 23:", vanilla.src_vocab.tokens[23], "and", vanilla.trg_vocab.tokens[23])
print("between them:", tuple(memory.initial[0].shape), "(L, B, H)")

# %% [markdown]
# Encoder and decoder share no parameters. Token 23 is *mais* (but) to one and *she* to the other, so each has a table of word vectors and a GRU of its own. Sutskever et al. (2014, section 2) gave a reason more: with two networks, there are more
# parameters at hardly any more cost. All that passes between them are 128 numbers.
#
# Here is a whole sentence. Each line has what the decoder reads and the three words that it finds most likely to come next:

# %%
trace = vanilla.translate("il regarde un livre")
for read, best in zip(["<sos>", *trace.trg[:-1]], trace.candidates, strict=True):
    print(f"reads {read:9}", *(f"{word} {p:.2f}" for word, p in best[:3]), sep="   ")

# %% [markdown]
# The likeliest word of each line is what the next line reads. All is right, even the article: it had to be chosen one word before the noun that decides between *a* and *an*.
#
# ### Predict, then run
#
# Now we lie. After `<sos>` the decoder said `he`; we hand it `they` instead. The state still comes from *il regarde un livre*. What does it expect next?
#
# - **a** `looks`, with about the same probability as before
# - **b** `look`, nearly certain: no English sentence says *they looks*
# - **c** `looks` and `look`, neither of them certain
#
# <details><summary>Why each one tempts</summary>
#
# **a**: the source has not changed, and all that is known of it is in the state. **b**: in the 8,000 English sentences that it has read, `they` is followed by `look` and never by `looks`. **c**: both of these are true.
#
# </details>

# %%
predict("03-lie", answer=None)

# %%
lie = vanilla.translate("il regarde un livre", forced="they")
for name, best in {"he": trace.candidates[1], "they": lie.candidates[1]}.items():
    print(f"reads {name:9}", *(f"{word} {p:.2f}" for word, p in best[:3]), sep="   ")
reveal("03-lie")

# %% [markdown]
# One false word moves `look` from 0.01 to 0.33. So the decoder is two things at once: a translator, led by the vector, and a language model, led by what it reads.
#
# ## What the decoder is paid for
#
# In training, the decoder reads the *true* words and predicts, at every step, the next one: *teacher forcing*, to which chapter 06 returns. What it reads and what it should say are `trg_in` and `trg_out` of chapter 01. A word that gets probability $p$ costs $-\ln p$, and the loss is the mean cost of a word:
#
# $$\text{loss} = -\frac{1}{N} \sum_{\text{real } (b, t)} \ln p(y_{bt}) \qquad N = \text{the number of real tokens}$$
#
# By hand: a sentence of three tokens and one of a single token, and the probabilities that their true tokens got. The two pads at the end of the second were easy: probability 1.

# %%
p = torch.tensor([[0.5, 0.25, 0.5], [0.25, 1.0, 1.0]])
real = torch.tensor([[True, True, True], [True, False, False]])
cost = (1 / p).log()  # -ln p
print([[round(number, 2) for number in row] for row in cost.tolist()])
print(f"mean over real tokens {cost[real].mean():.2f}, over all positions {cost.mean():.2f}")

# %% [markdown]
# The second number looks better for the same predictions: it praises the model for its pads, and sinks further with every pad. So pads count neither in the sum nor in $N$.
#
# ### Predict, then run
#
# `french-none` was trained with a loss like the first. We give it a batch of two pairs, with 3 and 7 target tokens, so that 4 of 14 positions are pads. Its loss over the real tokens is 0.99.
# What is the mean over all 14 positions?
#
# - **a** about 0.7, for the pads cost nothing
# - **b** still 0.99
# - **c** several times as much
#
# <details><summary>Why each one tempts</summary>
#
# **a**: so it was by hand, and $0.99 \cdot 10 / 14 \approx 0.7$. **b**: the model was told that pads do not matter. **c**: somebody who never practised something is rarely good at it.
#
# </details>

# %%
predict("03-pads", answer=None)

# %%
texts = [("il dort", "he sleeps"), ("elle ne voit pas les chats", "she does not see the cats")]
batch = collate([vanilla.encode(*pair) for pair in texts])
logits = vanilla.model(batch)  # (B, T, V)
print(f"real tokens: {token_loss(logits, batch.trg_out):.2f}")
print(f"all positions: {F.cross_entropy(logits.flatten(0, 1), batch.trg_out.flatten()):.2f}")
reveal("03-pads")

# %% [markdown]
# Pads can make the loss look better or worse, and either way it tells more about the batch than about the translation.
#
# ### Exercise 03-loss
#
# Write `my_loss(logits, targets)`. `logits` is `(B, T, V)`: the scores of all V tokens at every position, before any softmax. `targets` is `(B, T)`, the number of the true token at the same position
# (`trg_out`, so nothing has to be shifted), and 0 where there is a pad. Return the mean of $-\ln p$ over the positions that are no pads, as a tensor with one number, of shape `()`. `<eos>` and `<unk>` are real tokens.
# You may use what `torch` and `torch.nn.functional` (as `F`) have.
#
# If V is 4 and all logits are equal, every token has probability 1/4, and the loss is $\ln 4 = 1.39$, however many pads there are.
#
# *Difficulty 1 of 3, 10 minutes.*
#
# <details><summary>First hint</summary>
#
# Which of the B x T positions count, and by how many of them do you divide?
#
# </details>


# %% exercise="03-loss"
def my_loss(logits, targets):
    """Mean cross-entropy over the targets that are no pads."""
    ### BEGIN SOLUTION
    log_p = logits.log_softmax(dim=2)  # (B, T, V)
    log_p = log_p.gather(2, targets.unsqueeze(2)).squeeze(2)  # (B, T), of the true tokens
    return -log_p[targets != PAD].mean()
    ### END SOLUTION


# %% check="03-loss"
check("03-loss", my_loss)

# %% [markdown]
# ### In the library: `token_loss`

# %%
show_source(token_loss, after="03-loss")

# %% [markdown]
# ## A model of your own
#
# Everything that training needs is there. So that it takes seconds, we use the small edition of the corpus (84 different French words in place of 598, and no sentence above 25), of that the sentences of 12 words or fewer, and an encoder that reads in one direction.
# The last section trains a second model like it, so the recipe is a function:

# %%
corpus = corpora.french(size="small")
train = [pair for pair in corpus.train if len(pair.src) <= 12]
unseen = [pair for pair in corpus.valid + corpus.test if len(pair.src) <= 12]
src_vocab, trg_vocab = Vocabs.of(train, tokenizers=corpus.tokenizers)


def trained(train, unseen):
    """Train a model without attention for 5 epochs; its encoder reads in one direction."""
    shuffle = torch.Generator().manual_seed(0)
    data = batches(train, src_vocab, trg_vocab, batch_size=64, generator=shuffle)
    valid = batches(unseen, src_vocab, trg_vocab, batch_size=100)
    sizes = {"embedding_dim": 64, "hidden_size": 128, "num_layers": 1, "bidirectional": False}
    model = build_model(len(src_vocab), len(trg_vocab), attention=None, **sizes)
    return model, fit(model, data, valid, epochs=5, warmup=0.1, progress=False)


# %% figure="The loss of each training step: it starts at the level of guessing, falls steeply at first and then slowly."
model, history = trained(train, unseen)
outputs = Translator(model, src_vocab, trg_vocab).translate_many(pair.src for pair in unseen)
outputs = [analysis.words(output) for output in outputs]
exact = exact_match(outputs, [pair.trg for pair in unseen])
half, tenth = history.epochs[-1].valid_accuracy > 0.5, exact < 0.1
print("more than half of the words right, reading the true ones:", "yes" if half else "no")
print("fewer than a tenth of the sentences right, reading its own:", "yes" if tenth else "no")
ax = plots.new_axes(6, 3.2)
ax.plot([step.loss for step in history.steps], label="training loss")
ax.axhline(torch.tensor(len(trg_vocab)).log(), ls="--", color="black", label="guessing: ln V")
ax.set(xlabel="training step", ylabel="loss in nats per token", ylim=(0, None))
ax.legend()
ax.figure

# %% [markdown]
# The loss begins at $\ln V$, where a model stands that gives all V words the same probability; it falls fast, then slowly. After five times through about 3,000 sentences, more than half of the words of
# unseen sentences are right, and hardly any whole sentence: one wrong word spoils it, and the next word then follows from a wrong one.
#
# ## Writing a sentence
#
# *Greedy decoding* takes the most likely word at every step, feeds it back, and stops at `<eos>`. But the rows of a batch do not end together. Here is a decoder made by hand, whose state says how many times it still has to
# laugh. Token 4 is *ha*, `<eos>` is 3:


# %%
def laugh(tokens, state):
    """One step: logits (B, 5) and the next state (B, 1), the number of laughs left."""
    logits = torch.zeros(len(state), 5)
    logits[:, 4] = state[:, 0]
    logits[:, EOS] = 0.5
    return logits, state - 1


tokens, state = torch.tensor([SOS, SOS]), torch.tensor([[2.0], [1.0]])
for t in range(3):
    logits, state = laugh(tokens, state)
    tokens = logits.argmax(dim=1)  # (B,)
    print(f"step {t}: {tokens.tolist()}")

# %% [markdown]
# Read it downwards: the first row says ha, ha, `<eos>`; the second says ha, `<eos>`, `<eos>`. It was done after two steps, and nobody stopped it. The library's `greedy` fills such a row with pads, here for two sentences written by `french-none`:

# %%
numbers, _ = greedy(vanilla.model, batch.src, batch.src_mask)
print(numbers)
for row in numbers:
    print(*vanilla.trg_vocab.decode(row))

# %% [markdown]
# The first row is done after three tokens and waits, in pads, for the second. (The second is good English, and no translation of *elle ne voit pas les chats*.)
#
# ### Exercise 03-decode
#
# Write `my_decode(step, state, max_len)`.
# - `state`, `(B, H)`, is the first state, one row for each sentence; so B is `len(state)`.
# - `step(tokens, state)` is one step of a decoder. It takes the B tokens that are read, integers of shape `(B,)`, and the state, `(B, H)`. It returns two things: logits, `(B, V)`, and the next state, `(B, H)`.
# - Every row reads `<sos>` (2) first, and then the token that it wrote last, the one with the largest logit. (`step` never gives `<pad>` or `<sos>` the largest.)
# - A row that has written `<eos>` (3) writes `<pad>` (0) from then on. What it reads then does not matter: rows do not see each other.
# - Stop when all rows have written `<eos>`, or after `max_len` steps.
#
# Return the tokens, integers of shape `(B, T)`, where T is the number of steps taken: `<eos>` is part of the result, `<sos>` is not. With `laugh` and its first state from above, and 10 for `max_len`, the result is
# `[[4, 4, 3], [4, 3, 0]]`.
#
# *Difficulty 2 of 3, 20 minutes.*
#
# <details><summary>First hint</summary>
#
# What changes from one step to the next, and what does a row that has said `<eos>` still have to write?
#
# </details>


# %% exercise="03-decode"
def my_decode(step, state, max_len):
    """Decode a batch greedily, until each row has said <eos> or max_len is reached."""
    ### BEGIN SOLUTION
    token = torch.full((len(state),), SOS)  # (B,)
    running, tokens = torch.ones(len(state), dtype=torch.bool), []
    for _ in range(max_len):
        logits, state = step(token, state)  # (B, V), (B, H)
        token = logits.argmax(dim=1).where(running, PAD)
        tokens.append(token)
        running = running & (token != EOS)
        if not running.any():
            break
    return torch.stack(tokens, dim=1)  # (B, T)
    ### END SOLUTION


# %% check="03-decode"
check("03-decode", my_decode)

# %% [markdown]
# ### In the library: `greedy`
#
# The loop is `greedy_steps`. A sentence that has said `<eos>` leaves the batch, so the last steps compute only what is still needed.

# %%
show_source(greedy, greedy_steps, after="03-decode")

# %% [markdown]
# ## One vector for every sentence
#
# `french-none` saw its 8,000 sentences 30 times. What does it still get wrong? The first nine test sentences of seven words; the true translation stands to the left, the model's to the right, and `=` marks those that agree.
# Below, all 118 test sentences of 6 to 10 words: how many words of the true translation occur in the model's?

# %%
test = corpora.french().test
for pair in [pair for pair in test if len(pair.src) == 7][:9]:
    output = analysis.words(vanilla.translate(pair.src))
    print("=" if output == pair.trg else " ", " ".join(pair.trg).ljust(44), *output)

middling = [pair for pair in test if 6 <= len(pair.src) <= 10]
outputs = vanilla.translate_many(pair.src for pair in middling)
frequent, kept = set(vanilla.trg_vocab.tokens[4:34]), {True: [], False: []}
for pair, output in zip(middling, outputs, strict=True):
    for word in pair.trg:
        kept[word in frequent].append(word in output.trg)
for often, found in kept.items():
    share = sum(found) / len(found)
    print(f"kept of {'the 30 most frequent words' if often else 'all others'}: {share:.0%}")

# %% [markdown]
# All of the wrong ones but one are good English, too. Pronouns and negations came through; lost are words like *boy*, *story* and *books*, and another of their kind stands in their place. The count agrees: of the 30 most frequent words, *they*, *she*, *not* and
# *because* among them, 94 % are kept, of the others 74 %. The vector holds the plan of a sentence better than its words.
#
# Is it that the decoder sees the vector only once, at the start? Cho et al. (2014) handed the encoder's summary to it at *every* step. The next figure has both: `none`, the model of this chapter, and `fixed`, whose
# decoder also gets the mean of all encoder states, the same 128 numbers at every step. Five models each, with other random seeds, were trained on all 8,000 sentences of the small corpus for 7 epochs
# (`python -m s2s_lib.ablation attention`); lines are means, bands reach from the worst to the best:

# %% figure="Share of exact translations over source length, five seeds each: none falls to nearly zero at 11 words, fixed starts higher and falls to 15 % at 21."
rows = ablation.table("attention").query("corpus == 'french'")
rows = rows[rows.attention.isin(["none", "fixed"])]
spans = {1: "3-5", 6: "6-10", 11: "11-15", 16: "16-20", 21: "21-25"}
groups = ablation.long(rows, "exact_from", "shortest")
groups["length"] = groups.shortest.map(spans)
ax = plots.curves(groups, "length", "exact_from", hue="attention")
ax.set(xlabel="source length in words", ylabel="exact translations", ylim=(-0.03, 1.03))
ax.figure

# %% [markdown]
# Both curves fall. `none` gets 46 % of the sentences of 6 to 10 words right, 4 % of those of 11 to 15, and hardly any longer one. `fixed` gets 91 % and 69 %: a summary that is at hand at every step is worth a lot. (It is also another summary, a mean over
# all states and not the last one, and the model has 8,192 parameters more.) Yet from 21 words on it is right on 15 %. The vector does not grow with the sentence, and there comes a length at which it is not enough. This is the *bottleneck*; chapter 07 measures what its width does.
#
# ## Home go I
#
# What can be done without a larger vector? Sutskever et al. (2014, section 3.3) fed their encoder each source sentence backwards: not *I go home* but *home go I*, and their BLEU score rose from 25.9 to 30.6. Nothing is
# added and nothing taken away, so why would it help? Count the steps between reading a word and writing its translation, for four words translated in order. The encoder reads in steps 1 to 4, the decoder writes in steps 5 to 8:
#
# | word | written in step | forward: read in step | steps between | reversed: read in step | steps between |
# |---|---|---|---|---|---|
# | 1 | 5 | 1 | 4 | 4 | 1 |
# | 2 | 6 | 2 | 4 | 3 | 3 |
# | 3 | 7 | 3 | 4 | 2 | 5 |
# | 4 | 8 | 4 | 4 | 1 | 7 |
#
# The mean is 4 both times. But forward, every word has to survive four updates of the state; reversed, the first words survive fewer and the last ones more. To see where that tells, we measure the share of right words for each place in the target:


# %%
def backwards(pairs):
    """Turn every source around."""
    return [pair._replace(src=pair.src[::-1]) for pair in pairs]


def right_by_place(model, pairs):
    """Share of right words at target places 1 to 10; the model reads the true words."""
    encoded = [(src_vocab.encode(pair.src), trg_vocab.encode(pair.trg)) for pair in pairs]
    batch = collate(encoded)
    with torch.no_grad():
        right = most_likely(model(batch)) == batch.trg_out  # (B, T)
    return [right[batch.trg_out[:, t] != PAD, t].float().mean().item() for t in range(10)]


look = {"forward": {"marker": "o", "color": "#0173b2"}}
look["reversed"] = {"marker": "s", "color": "#de8f05"}


# %% [markdown]
# ### Predict, then run
#
# You train the same model on the same sentences, their sources reversed. Which words of the translation does it predict better than before?
#
# - **a** the first ones, and the later ones about as well
# - **b** the first ones, and the later ones much worse
# - **c** all of them, each by about as much
#
# <details><summary>Why each one tempts</summary>
#
# **a**: a later word has more true words before it to lean on. **b**: what the first words gain in nearness, the last ones lose. **c**: all words go through the same vector, and if that gets better, all gain.
#
# </details>

# %%
predict("03-where", answer=None)

# %% figure="Right words by place in the target: with the reversed source far more at the second and third place, from the fifth on about as many."
turned, later = trained(backwards(train), backwards(unseen))
shares = {"forward": right_by_place(model, unseen)}
shares["reversed"] = right_by_place(turned, backwards(unseen))
lower = later.epochs[-1].valid_loss < history.epochs[-1].valid_loss
print("reversed, the loss on unseen sentences is lower:", "yes" if lower else "no")
gain = shares["reversed"][1] - shares["forward"][1]
print("the second word is right at least 10 points more often:", "yes" if gain > 0.1 else "no")
reveal("03-where")
ax = plots.new_axes(6, 3.6)
for name in shares:
    ax.plot(range(1, 11), shares[name], label=name, **look[name])
ax.set(xlabel="place in the target sentence", ylabel="right words", ylim=(-0.03, 1.03))
ax.grid(alpha=0.3)
ax.legend(title="source")
ax.figure

# %% [markdown]
# With the reversed source, the second and the third word are right far more often, and from the fifth on the curves stay together. (We tried five seeds: the second word gained 21 to 33
# points. The sixth to the tenth, taken together, moved by less than a point with four of the seeds, and lost 8 with one.)
# The later words stand farther from their sources now, and yet lost little. Sutskever et al. (2014, section 3.3), too, had expected worse later words, and found long sentences much improved.
#
# ### And with two directions?
#
# The encoder of chapter 02 reads in both directions, and the bridge makes the vector of its two last states. One of them has read the first word last, so the first words are near already. Reversing the source gives the
# forward GRU what the backward GRU had, and the other way round. A twin of the encoder, with the weights of the two directions exchanged, therefore cannot tell the difference:

# %%
weights = encoder.state_dict()
swapped = {name: weights[name.removesuffix("_reverse")] for name in weights}
swapped |= {name.removesuffix("_reverse"): weights[name] for name in weights if "_rev" in name}
swapped["bridge.weight"] = weights["bridge.weight"].roll(128, dims=1)  # its two halves
twin = Translator.load("french-none").model.encoder
twin.load_state_dict(swapped)
same = torch.allclose(twin(src.flip(1), src != PAD).initial[0], memory.initial[0], atol=1e-5)
print("the twin, reading backwards, makes the same vector:", "yes" if same else "no")

# %% [markdown]
# Both directions start from random weights of the same kind. So for such an encoder, learning from reversed sources is the same task under other names, and whatever differs between two runs is luck. The table has 20 models without
# attention, five seeds of each kind, trained like those of the figure before (`python -m s2s_lib.ablation reversed`). Each mark is one model, and a
# line joins two of the same seed:

# %% figure="Exact translations of 20 models: with one direction the reversed source is better with every seed, with two directions with one of five."
rows = ablation.table("reversed")
ax = plots.new_axes(6, 3.6)
for source, shift in {"forward": -0.1, "reversed": 0.1}.items():
    chosen = rows[rows.source == source]
    place = chosen.bidirectional + shift
    ax.plot(place, chosen.exact_from_6, ls="", label=source, **look[source])
seeds = rows.pivot(index=["bidirectional", "seed"], columns="source", values="exact_from_6")
for (both, _), pair in seeds.iterrows():  # forward, reversed
    ax.plot([both - 0.1, both + 0.1], pair, color="0.8", zorder=0)
ax.set_xticks([0, 1], ["one direction", "two directions"])
ax.set(xlabel="encoder", ylabel="exact, 6 to 10 words", xlim=(-0.5, 1.5), ylim=(-0.03, 1.03))
ax.grid(alpha=0.3, axis="y")
ax.legend(title="source")
ax.figure

# %% [markdown]
# With one direction, the reversed source is better with each of the five seeds, and the average rises from 18 % to 31 %. (Seeds differ no less: one forward model is above four reversed ones.) With two directions the marks mix: 46 % forward,
# 42 % reversed. Forward is ahead with four seeds of five, but five tosses of a coin fall at least so unevenly in three cases of eight. A second direction does what reversing does, and more, for half as many parameters again.

# %%
progress("03")

# %% [markdown]
# ## Recap
#
# - The encoder's **one vector** is the decoder's first state. The decoder reads `<sos>`, then each word that it wrote, until it writes `<eos>`; the two networks share no parameters.
# - The **loss** is the mean cost $-\ln p$ over real tokens; **greedy decoding** carries the state, feeds back the likeliest token and fills up finished rows with pads.
# - One vector is a **bottleneck**: short sentences come through, long ones do not. Reversing the source brings the first words nearer: a gain for an encoder with one direction, none with two.
#
# | name | shape | |
# |---|---|---|
# | $h_0$, `memory.initial` | (L, B, H) | the vector, the decoder's first state |
# | `trg_in`, `trg_out` | (B, T) | what the decoder reads, and what it is to say |
# | logits | (B, T, V) | a score for every token at every position |
# | loss | () | one number for the batch |
# | tokens | (B, T) | what greedy decoding wrote, pads after each `<eos>` |
#
# Next: [04, how can the decoder look back?](04_dot_attention.ipynb)
#
# **Stretch (optional).** Set `"bidirectional": True` in `trained` and run the cells below it again. What becomes of the gain at the second word?
