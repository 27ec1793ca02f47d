# %% [markdown]
# # 07 Why it works
#
# **Why does attention help, and what does a heatmap prove?** Two explanations are on offer for the first, and one temptation for the second. All three are put to the test here.
#
# After this chapter you can
# - **measure** how much of the loss's gradient reaches each source word, and **say** what such a number does and does not tell,
# - **separate** what attention gives a model: a short path, room, and a choice,
# - **test** a heatmap, by taking words away and by moving weight,
# - **judge** when a dark cell is evidence for where a word came from.
#
# About 60 minutes. Comes after 06; you need the heatmaps of 04 and the comparison of 05.
#
# ```
# without attention, one road:         x_1 ─► h̄_1 ─► h̄_2 ─► h̄_3 ─► h_t ─► word
#                                                     ▲      ▲
#                                                    x_2    x_3
#
# with attention, one from each state: x_1 ─► h̄_1 ─► h̄_2 ─► h̄_3 ─► h_t ─► word
#                                              │      │      │      ▲
#                                              └──────┴──────┴─ c_t ┘
# ```

# %% [markdown]
# ## Setup

# %%
import pandas as pd
import torch
from s2s_lib import Translator, Vocabs, analysis, batches, build_model, collate, corpora, entropy
from s2s_lib import evaluate, exact_match, fit, gradient_flow, occlusion, plots
from s2s_lib.ablation import long, table
from s2s_lib.course import check, hint, predict, progress, reveal, show_source
from s2s_lib.widgets import AttentionExplorer

# %% [markdown]
# ## The problem
#
# Chapter 04 left two numbers that ask for a reason: over 500 test sentences, the translator without attention is exact on 15 %, the one with dot attention on 97 %. And it
# left a habit: looking at a heatmap to see where a word came from. Here is a heatmap of the latter:

# %% figure="Heatmap of They are looking for the black cat tonight: the row of are is dark at cherchent and empty at soir."
dot = Translator.load("french-dot")
trace = dot.translate("Elles cherchent le chat noir ce soir")
plots.heatmap(trace).figure

# %% [markdown]
# The row of `are` has all of its weight, 1.00, on *cherchent*, a form of the verb to look for. The columns of *ce soir*, tonight, are empty in that row. So does `are` come from *cherchent*? Change one
# thing in the French at a time and see:

# %%
for sentence in ["Elles invitent le chat noir ce soir", "Elles cherchent le chat noir tous les jours"]:
    changed = dot.translate(sentence)
    looked = changed.src[changed.weights[1].argmax()]
    print(f"{changed.text}: {changed.trg[1]!r} looks at {looked!r}")

# %% [markdown]
# With another verb (*invitent*), `are` stays. With every day (*tous les jours*) for tonight, it gives way to `look`, and all the while the decoder looks at the verb. The word hangs on *ce soir*, and the heatmap points elsewhere.
# The translation is right, so nothing is broken. What is wrong is our reading.
#
# So this chapter asks twice. Why does attention help? And what may one read off its weights?
#
# ## First explanation: a path for the gradient
#
# Training sends the gradient of the loss back to each word: how would the loss change if this word's vector moved a little? Without attention it has one road, back through the states. In a
# recurrence $\bar h_s = f(\bar h_{s-1}, x_s)$ the chain rule multiplies one factor for each step of the way:
#
# $$\frac{\partial L}{\partial x_s} = \frac{\partial L}{\partial \bar h_S} \cdot \frac{\partial \bar h_S}{\partial \bar h_{S-1}} \cdots \frac{\partial \bar h_{s+1}}{\partial \bar h_s} \cdot \frac{\partial \bar h_s}{\partial x_s}$$
#
# Factors below 1 shrink it: the *vanishing gradient* (Bengio et al. 1994). With numbers: let a state be half of the one before plus the word, and ask six words how much of them arrives in the last
# state, and how much in the mean of all states.

# %%
x = torch.ones(6, requires_grad=True)
states, state = [], torch.tensor(0.0)
for word in x:
    state = 0.5 * state + word
    states.append(state)
(of_last,) = torch.autograd.grad(states[-1], x, retain_graph=True)
(of_mean,) = torch.autograd.grad(torch.stack(states).mean(), x)
print("last state", [round(number, 2) for number in of_last.tolist()])
print("mean      ", [round(number, 2) for number in of_mean.tolist()])

# %% [markdown]
# In the last state the first word counts $0.5^5 \approx 0.03$ times as much as the last one. In the mean each word has a road of its own, through its own state, and the first word loses nothing. (It even gets more, since later
# states still hold something of it.) A context vector is such a mean, with weights.
#
# ### Predict, then run
#
# Now real models, before any training: five seeds, gradient of the translation loss, test sentences of 15 words. The encoder reads in **both** directions and there is **no** attention. Which of the 15 words gets
# the least gradient?
#
# - **a** the first: it is farthest from the decoder
# - **b** the one in the middle
# - **c** none: a GRU has gates, so that all get about the same
#
# <details><summary>Why each one tempts</summary>
#
# **a**: so it is in the sum above, and in every picture of the bottleneck. **b**: think of where each direction ends (chapter 02). **c**: gates were invented against this very problem; the question is what they do
# before they have learned anything.
#
# </details>

# %%
predict("07-path", answer=None)

# %% figure="Gradient by word before training, log scale: one direction falls a thousandfold, two directions sag in the middle, fixed mean and dot are level."
test = corpora.french().test
fifteen = collate([dot.encode(*pair[:2]) for pair in test if len(pair.src) == 15])
sizes = {"embedding_dim": 64, "hidden_size": 128, "num_layers": 1}
vocabs, rows = (len(dot.src_vocab), len(dot.trg_vocab)), []
for kind, both in ((None, False), (None, True), ("fixed", True), ("dot", True)):
    name = f"{kind or 'none'}, {'both directions' if both else 'one direction'}"
    for seed in range(5):
        model = build_model(*vocabs, attention=kind, bidirectional=both, seed=seed, **sizes)
        norms = gradient_flow(model, fifteen).sum(dim=0)  # (S,)
        rows += [{"attention": name, "word": s, "norm": n.item()} for s, n in enumerate(norms, 1)]
ax = plots.curves(pd.DataFrame(rows), "word", "norm", plots.new_axes(7, 4), hue="attention")
ax.set(yscale="log", xlabel="source word", ylabel="gradient norm")
reveal("07-path")
ax.figure

# %% [markdown]
# Without attention the gradient sinks by a factor of about 30 from the ends to the middle, and with a single direction it falls by about a thousand from the last word to the first. With dot
# attention it is level, and so it is for *fixed* (its curve lies under that of *dot*), which at every step hands the decoder the plain mean of all states.
#
# Keep *fixed* in mind. It has the path and no choice of where to look: the control experiment for this explanation.

# %% [markdown]
# ### Exercise 07-gradient
#
# Write `my_gradient(loss_of, states)`: how much gradient reaches each source state?
#
# `states` is `(B, S, H)`. `loss_of` is a function: it takes a tensor like `states` and returns the loss, a tensor with one number and no axes. Return `(B, S)`: entry `[b, s]` is the length (the L2 norm) of the
# gradient of the loss with respect to the vector `states[b, s]`. `states` may require gradients or not, and an old gradient may stand in `states.grad`; change nothing about it.
#
# If the loss is `3 * states[0, 0, 0] + 4 * states[0, 0, 1]`, the gradient at word `[0, 0]` is `(3, 4, 0, ...)`, of length 5; at all other words it is 0.
#
# *Difficulty 2 of 3, 15 minutes.*
#
# <details><summary>First hint</summary>
#
# Which tensor must the graph lead back to, and what has to be switched on in it before the loss is computed?
#
# </details>


# %% exercise="07-gradient"
def my_gradient(loss_of, states):
    """Measure the norm of the gradient of loss_of(states) at each source state."""
    ### BEGIN SOLUTION
    copy = states.detach().clone().requires_grad_()  # (B, S, H), a leaf of its own
    (grad,) = torch.autograd.grad(loss_of(copy), copy)  # (B, S, H)
    return grad.norm(dim=2)  # (B, S)
    ### END SOLUTION


# %% check="07-gradient"
check("07-gradient", my_gradient)

# %% [markdown]
# ### In the library: `gradient_flow`
#
# It asks at the words' embeddings and not at the states, so that every road from a word to the loss counts, those through its neighbours' states included.

# %%
show_source(gradient_flow, after="07-gradient")

# %% [markdown]
# ### After training
#
# So much for the beginning. Now models that are done with training: first the shipped translators, on the same 15-word sentences, then a table of results. It holds small French models, 7 times through 8,000
# sentences, 5 seeds each; `python -m s2s_lib.ablation attention` makes it anew (and `reversed` the one with a single direction).

# %% figure="Gradient after training by distance from the end of 20 words, log scale: the curves without attention and fixed lie level and high, dot lies far below."
translators = {name: Translator.load(f"french-{name}") for name in ("none", "dot")}
for name, translator in translators.items():
    norms = gradient_flow(translator.model, fifteen).sum(dim=0)  # (S,)
    loss, _ = evaluate(translator.model, [fifteen])
    print(f"french-{name}: loss {loss:.2f}, mean gradient norm {norms.mean():.3f}")
wanted = ["none", "fixed", "dot"]
french = table("attention").query("corpus == 'french' and attention in @wanted")
single = table("reversed").query("not bidirectional and source == 'forward'")
single = single.assign(attention="none, one direction")
reaching = long(pd.concat([french, single]), "gradient", "distance")
ax = plots.curves(reaching, "distance", "gradient", plots.new_axes(7, 4), hue="attention")
ax.set(yscale="log", xlabel="words before the source's end", xticks=range(0, 20, 5))
ax.set_ylabel("gradient norm after training")
ax.figure

# %% [markdown]
# Now *dot* lies lowest, by a factor of ten to more than a hundred. Read as "more gradient is better", that is the opposite of what the first explanation promised. The printed losses say why: a gradient
# measures what the loss still asks for, and `french-dot`, sure and right, has next to nothing left to ask for. So the heights of different models can be compared before training only.
#
# The shapes are worth a look. Without attention the curves do not fade towards the far end any more, not even with one direction: training has taught the gates to keep the road open. Whatever
# holds these models back at the end, it is not a gradient that fails to arrive. (At the beginning, when it does fail, that may cost time.) Look at the outcome instead, exact translations by length:

# %% figure="Exact translations over source length, five seeds: dot near 1 everywhere, fixed falls from above 0.9 to 0.15, none falls sooner, and to 0."
by_length = long(french, "exact_from", "words")
ax = plots.curves(by_length, x="words", y="exact_from", hue="attention")
ax.set_xticks([1, 6, 11, 16, 21], ["1-5", "6-10", "11-15", "16-20", "21-25"])
ax.set(xlabel="source length in words", ylabel="exact translations", ylim=(-0.03, 1.03))
print(french.groupby("attention", sort=False)["exact"].agg(["min", "mean", "max"]).round(3))
ax.figure

# %% [markdown]
# The control experiment falls between the two. Of sentences with 6 to 10 words *fixed* gets about 91 % right and *none* less than half: a road to every word is worth a lot. (At most that much, for *fixed* also hands over a second vector, at every
# step.) The leftmost group has only 20 sentences, so that each counts for 5 %. But above 20 words *fixed* is right on about 15 %, *none* on nothing: what arrives there is all words mixed into one mean. *dot* differs from *fixed* in the weights of that mean and in nothing else, not in a single parameter. That difference is the **choice**, and it takes the share of exact translations from 56 % to almost all.

# %% [markdown]
# ## Second explanation: room
#
# Without attention, a sentence of any length goes through one vector of H numbers. With attention, S words leave S vectors, and the memory grows with the sentence. If room is what is missing, then models without attention
# should gain by every number they get. From the table `bottleneck`, 5 seeds each, all trained alike on 8,000 sentences of 3 to 25 words:

# %% figure="Exact translations over the vector's size from 16 to 128, five seeds: none rises from 0 to a seventh, dot from four fifths to nearly all."
vectors = table("bottleneck")
print(vectors.groupby(["attention", "hidden_size"])["exact"].mean().unstack().round(3))
print("\n", table("room").groupby(["attention", "bridge_size"])["exact"].mean().unstack().round(3), sep="")
ax = plots.curves(vectors, x="hidden_size", y="exact", hue="attention")
ax.set(xscale="log", xlabel="numbers in the vector, H")
ax.set(ylabel="exact translations", ylim=(-0.03, 1.03))
ax.set_xticks([16, 32, 64, 128], [16, 32, 64, 128])
ax.set_xticks([], minor=True)
ax.figure

# %% [markdown]
# The lower curve climbs with every doubling of the vector, and at 128 numbers it has reached one sentence in seven. The upper one begins at four in five with 16 numbers: eight times less in each vector, and one vector for
# each word.
#
# But H is the size of everything: with the vector, both networks have grown. To change the room alone, the table `room` keeps them at H = 128 and squeezes what the encoder hands over through R numbers, `bridge_size`. Its means stand below the
# first ones, above the figure.
#
# Without attention, more room helps at first, from nothing to six sentences in a hundred at 32 numbers. Beyond, nothing is gained: the five seeds at 32, 64 and 128 overlap. (The squeeze is one more matrix to learn, so the last column is not the last
# point of the figure.) So room is a part of what is missing, and the rest of the climb came with larger networks. With attention, 2 numbers do as well as 128, for the decoder has the S states to look at.
#
# The comparison of the two curves takes a few seconds on a smaller scale: 2,000 short sentences, four times through, once with 128 numbers and no attention, once with 16 and dot attention.

# %%
corpus = corpora.french(size="small")
src_vocab, trg_vocab = Vocabs.of(corpus)
short = [pair for pair in corpus.train if len(pair.src) <= 10][:2000]
unseen = [pair for pair in corpus.valid + corpus.test if len(pair.src) <= 10]
valid = batches(unseen, src_vocab, trg_vocab, batch_size=100)
for kind, hidden in ((None, 128), ("dot", 16)):
    sizes = {"embedding_dim": 64, "hidden_size": hidden, "num_layers": 1, "dropout": 0.0}
    model = build_model(len(src_vocab), len(trg_vocab), attention=kind, **sizes)
    shuffle = torch.Generator().manual_seed(0)
    train = batches(short, src_vocab, trg_vocab, batch_size=50, generator=shuffle)
    fit(model, train, valid, epochs=4, lr=1e-2, warmup=0.1, progress=False)
    right = "yes" if evaluate(model, valid)[1] > 0.8 else "no"
    print(f"{hidden} numbers, attention {kind}: more than 80 % of words right? {right}")

# %% [markdown]
# An eighth of the numbers and a better translator. Then what is the vector still good for, once there is attention? Give a sentence the vector of *another* one: read sentence A, start the decoder from the last
# state of sentence B, and let attention look at A.
#
# ### Predict, then run
#
# `french-dot` is exact on 97 % of the test sentences. On what share is it exact when each sentence starts from another one's vector?
#
# - **a** almost none: it starts in the wrong sentence
# - **b** about half: the beginning goes wrong, and attention catches up
# - **c** more than four in five
#
# <details><summary>Why each one tempts</summary>
#
# **a**: the vector is where the decoder begins, and training has never shown it a wrong one. **b**: the state carries on from step to step, so its error should fade slowly. **c**: if all that is needed can be looked up, the
# vector may be left with nothing to say.
#
# </details>

# %%
predict("07-swap", answer=None)


# %%
def swapped(translator, sentences):
    """Translate, each sentence starting from the vector of the one before it in its batch."""
    bridge = translator.model.encoder.bridge
    hook = bridge.register_forward_hook(lambda module, inputs, vectors: vectors.roll(1, 0))
    traces = translator.translate_many(sentences)
    hook.remove()
    return traces


sources, references = [pair.src for pair in test], [pair.trg for pair in test]
for name in ("none", "dot", "concat"):
    translator = Translator.load(f"french-{name}")
    two = swapped(translator, ["Elle a mangé un gâteau", "Je dors dans le jardin"])
    print(f"{name}: {two[0].text} / {two[1].text}")
    exact = exact_match([analysis.words(trace) for trace in swapped(translator, sources)], references)
    print(f"{name}: {exact:.0%} exact with another sentence's vector")
reveal("07-swap")

# %% [markdown]
# Without attention the two translations have changed places: the vector *is* the sentence. With dot attention the same swap changes little, and with concat (`french-concat` is exact on 98 % with its own vectors) hardly more. These
# models have moved nearly everything out of the vector into the states that they can look at.
#
# So both explanations hold a part, the road to every word and the room of S states. What makes use of both is the choice.
#
# ## How sharp is a heatmap?
#
# Before reading heatmaps as evidence, a number for how decided they are. The *entropy* of a row is
#
# $$H(a_t) = -\sum_s a_{ts} \log a_{ts}$$
#
# It is 0 if all weight lies on one word, and $\log S$ if S words have the same; with the natural logarithm its unit is called nat. By hand: two words with half of the weight each give $-2 \cdot \frac12 \log \frac12 = \log 2 \approx 0.69$. Its exponential reads as a number
# of words. The cell below does that for rows of four, and then asks the shipped translators how sharp they are, and how good.

# %%
rows = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
print("entropy", [round(nats, 2) for nats in entropy(rows).tolist()])
print("words  ", [round(count, 2) for count in entropy(rows).exp().tolist()])
for name in ("general", "dot", "concat"):
    translators[name] = Translator.load(f"french-{name}")
    traces = translators[name].translate_many(sources)
    nats = torch.cat([trace.entropy for trace in traces]).mean()
    exact = exact_match([analysis.words(trace) for trace in traces], references)
    print(f"{name}: {nats:.2f} nats, that is {nats.exp():.2f} words, and {exact:.1%} exact")
looking = table("attention").query("corpus == 'french' and attention not in ['none', 'fixed']")
means = looking.groupby("attention")[["entropy", "exact"]].mean()
print(means.sort_values("entropy").round(3))

# %% [markdown]
# The three rows look at one, two and four words. Of the shipped translators the sharpest is the weakest, and the softest is as good as any. In the table, small models of five kinds with five seeds each, the sharpest kind is last as well; the other four
# lie within two sentences in a thousand of each other, whether they look at one word or at two. The differences are small and the kinds differ in more than sharpness, so this proves no law. It does refute one: that a sharp heatmap is the sign of a good translator. Sharp means decided, and decided is not yet right.

# %% [markdown]
# ## Is the dark cell the reason?
#
# Back to `are`, which looked at *cherchent* and hung on *ce soir*. The experiment made there has a name: *occlusion* (Zeiler and Fergus 2014). Take source word s away, by putting `<unk>` in its place, and see by how much the
# log-probability of output word t falls:
#
# $$\text{drop}_{ts} = \log p(y_t \mid x) - \log p(y_t \mid x \text{ with } x_s = \text{unk})$$
#
# A drop of 2 nats means that the word has become $e^2 \approx 7$ times less likely.
#
# ### Exercise 07-occlusion
#
# Write `my_occlusion(score, src, unk)` for one output word. `src` is a list of S token ids. `score(ids)` takes such a list and returns a float, the word's log-probability if the source is `ids`. `unk` is a token id. Return a float tensor `(S,)`: at s,
# by how much the score drops, before minus after, when the word at place s and no other is replaced by `unk`. Leave `src` as you found it.
#
# If the score is -0.5 as it stands, and -0.5, -3.5 and -0.4 with the first, second, third word replaced, the result is `[0.0, 3.0, -0.1]`.
#
# In the check, `score` also carries `score.weights(ids)`, a tensor `(S,)`: where its model looks when it writes the word. Whether that helps is for you to judge.
#
# *Difficulty 2 of 3, 15 minutes.*
#
# <details><summary>First hint</summary>
#
# Each word is hidden from the whole sentence, alone. What must stand at the other places when it is its turn?
#
# </details>


# %% exercise="07-occlusion"
def my_occlusion(score, src, unk):
    """Measure how much the word needs each source word: the drop of its score without it."""
    ### BEGIN SOLUTION
    full, drops = score(src), []
    for s in range(len(src)):
        hidden = list(src)  # a fresh copy: all other words are back
        hidden[s] = unk
        drops.append(full - score(hidden))
    return torch.tensor(drops)  # (S,)
    ### END SOLUTION


# %% check="07-occlusion"
check("07-occlusion", my_occlusion)

# %% [markdown]
# ### In the library: `occlusion`
#
# The same for all words of an output at once, with all S replacements in one batch. Below it, the sentence of the beginning: what `french-dot` needed, to be compared with the heatmap of where it looked. (Drops below 0 are shown as 0, and
# all are divided by the largest, 14.2 nats, to fit the scale.)

# %%
show_source(occlusion, after="07-occlusion")

# %% figure="Occlusion heatmap of They are looking for the black cat tonight: the row of are is darkest at soir and empty at cherchent; the row of eos is empty."
drops = occlusion(dot, trace.src, analysis.words(trace))  # (T, S)
ax = plots.weights_heatmap((drops / drops.max()).clamp(min=0), trace.src, trace.trg)
ax.collections[0].colorbar.set_label("drop, share of the largest")
ax.figure

# %% [markdown]
# Most rows agree with the heatmap of the beginning. In the row of `are` the dark cell has moved from *cherchent* to *soir*, and the row of `<eos>` has gone white: no single word is needed to know that the sentence ends.
#
# How can *cherchent* tell about *soir*? A column of a heatmap is not a word. It is a **state**, $\bar h_s$, and the encoder's backward direction had read *soir* before it came to *cherchent*. This translator has learned to keep the
# time there too, and looks up both at one place.
#
# How often do the two maps disagree? The column `agreement` of the table counts, over 100 sentences and without `<eos>`, the output words whose most-attended source word is also the one whose loss costs most.

# %%
looking = table("attention").query("corpus == 'french' and attention != 'none'")
agreement = looking.groupby("attention", sort=False)["agreement"]
print(agreement.agg(["min", "mean", "max"]).round(2))
agreeing = {}
for replacement in ("<unk>", "grand", "quand"):
    unk, found = dot.src_vocab.ids[replacement], []
    for pair in test[:40]:
        needed = occlusion(dot, pair.src, pair.trg, unk)[:-1].argmax(dim=1)
        looked_at = dot.translate(pair.src, forced=pair.trg).weights[:-1].argmax(dim=1)
        found.append(needed == looked_at)
    agreeing[replacement] = torch.cat(found).float().mean()
print({word: f"{share:.0%}" for word, share in agreeing.items()})

# %% [markdown]
# *fixed* looks at all words alike and marks the chance level. In models that attend after the state update, the maps agree on roughly eight or nine words in ten, and in Bahdanau's order of steps on seven. For the rest, the darkest column is not the word that counted most.
#
# Is occlusion the truth, then? The last line repeats the count for the shipped `french-dot` on 40 sentences, with other words in place of `<unk>`: *grand*, an adjective, and *quand*, a conjunction, which breaks a sentence in two. The
# agreement changes with the replacement. `<unk>` is no neutral gap either, for this translator never met it in training. Each replacement asks a question of its own, and a part of every answer is about the replacement.
#
# ## Move the weight
#
# Occlusion takes the word away and leaves the attention to the model. The opposite experiment leaves the words and takes over the attention. Do it by hand first: in the row of `are` click another cell, then *only this word*.

# %% figure="Heatmap of dot attention, They are looking for the black cat tonight: are, looking and for all look at cherchent."
AttentionExplorer(
    {name: translators[name] for name in ("dot", "general", "concat")}, "Elles cherchent le chat noir ce soir"
)

# %% [markdown]
# Move the weight of `are` from *cherchent* to *soir*, and *dot* says the same as before. Move it to *noir*, and it stammers. Move the weight of `black` from *noir* to *chat*, and the cat
# loses its colour. In the row of `<eos>`, try any cell: nothing changes. So an edit answers one question: would the decoder have written something else if it had looked there? Then the sentence goes on from the new word.
#
# Here is the same for every place in turn. `edits` sets the weights of a step, and `forced` keeps the words before it. What does the decoder write at a step when all the weight lies on one source word?


# %%
def alone(translator, trace, step):
    """The word written at `step` when it looks at one source word only, for each of them."""
    found = []
    for row in torch.eye(len(trace.src)).tolist():
        edited = translator.translate(trace.src, forced=analysis.words(trace), edits={step: row})
        found.append(edited.candidates[step][0][0])
    return found


written = {}
for step in (6, 8, 1):
    most, place = trace.weights[step].max(dim=0)
    written[f"{trace.trg[step]!r} ({most:.2f} at {trace.src[place]})"] = alone(dot, trace, step)
print(trace.text)
print(pd.DataFrame(written, index=trace.src).T.to_string())
daily = dot.translate("Elles cherchent le chat noir tous les jours")
print("with tous les jours:", alone(dot, daily, 1))

# %% [markdown]
# A row is one word of the output of `french-dot`, with where it had looked by itself; a column is what it was made to look at; an entry is what it then wrote.
#
# - **`cat`**: the word follows the weight. Look at *noir* and it is `black`, though `cat` should come next. Here the heatmap names the cause, and moving the cause moves the effect.
# - **`<eos>`**: nothing follows. After `tonight` the sentence ends, wherever the decoder looks; it knows that from the English words before. Its heatmap has 1.00 at *soir* all the same, since a softmax must put its weight somewhere.
# - **`are`**: at *cherchent* and at *soir* alike it is `are`, and at *Elles*, *le* and *ce*, too. All these states know that it is tonight: with *tous les jours* in its place, the last line, none of them says `are`. The heatmap shows
#   one of several places that would do.
#
# ### Predict, then run
#
# Now over 100 test sentences, with the true words before each: at every step, all the weight goes to one source word drawn at random, any but the one that was looked at most. What share of the output words stays as it was?
#
# - **a** about one in eight
# - **b** about half
# - **c** nearly all
#
# <details><summary>Why each one tempts</summary>
#
# **a**: so it went with `cat`. **b**: for some words the place matters, for some it does not. **c**: so it went with `<eos>`; and for text classifiers it was found that quite different weights often give the same answer.
#
# </details>

# %%
predict("07-move", answer=None)

# %%
draw = torch.Generator().manual_seed(0)
for name in ("general", "dot", "concat"):
    stayed, total = [], 0
    for pair in test[:100]:
        seen = translators[name].translate(pair.src, forced=pair.trg)
        steps, length = seen.weights.shape
        away = torch.randint(1, length, (steps,), generator=draw)
        rows = torch.eye(length)[(seen.weights.argmax(dim=1) + away) % length].tolist()
        edits = dict(enumerate(rows))
        moved = translators[name].translate(pair.src, forced=pair.trg, edits=edits)
        before, after = ([step[0][0] for step in each.candidates] for each in (seen, moved))
        stayed += [old for old, new in zip(before, after, strict=True) if old == new]
        total += steps
    easy = sum(word in ("<eos>", "to") for word in stayed) / len(stayed)
    print(f"{name}: {len(stayed) / total:.0%} stay, {easy:.0%} of these are <eos> or to")
reveal("07-move")
progress("07")

# %% [markdown]
# In all three translators more than four words in five become another word, with dot and concat nearly nine in ten, and about half of those that stay are `<eos>` and `to`. The weights are no decoration: move them, and the translation goes with them.
#
# ## Is attention an explanation?
#
# A dispute has this question in its titles. *Attention is not Explanation*, wrote Jain and Wallace (2019). In text classifiers with a recurrent encoder they found that the weights agree only weakly with what gradients and left-out words say, and that for one input there are
# often very different weights under which the same model answers nearly the same. *Attention is not not Explanation*, replied Wiegreffe and Pinter (2019): those weights were made up for one input at a time, and no model had learned to
# produce them; when they trained whole models to look elsewhere and answer alike, the weights so obtained served a second, simpler model worse than ordinary ones. And what counts as an explanation, *a* possible reason or *the* reason, has to be said first, and tested for each model and task.
#
# Tested here, on translators of one small grammar:
#
# | the claim | the test | what came out |
# |---|---|---|
# | the word depends on where the decoder looks | move the weight | yes, for more than four words in five |
# | the source word in the darkest column is the one that matters | take words away | for about seven to nine in ten; not for `are` and `<eos>` above |
# | taking words away tells the truth | put in another word | the answer depends on which |
# | a sharp heatmap is a good one | entropy beside quality | no |
#
# A classifier makes one context of a whole text; a decoder needs another one for each word. That may be why moving the weights does so much more here than in their experiments. On your own model, test.

# %% [markdown]
# ## Recap
#
# - Attention gives three things that can be told apart: a short **path** for the gradient, level over the sentence before any training; **room**, a vector for each word; and the **choice** of where to look, without which the other two do not reach far.
# - A gradient says what the loss still asks for. Compare models by it before training, or compare outcomes.
# - A column of a heatmap is a **state**, not a word. It is evidence of where the context came from. For the reason of a word, take words away and move the weight, and expect the two to differ now and then.
#
# | name | shape | |
# |---|---|---|
# | gradient norms | (B, S) | one number per source word |
# | entropy | (T,) | one number per output word, 0 to log S |
# | drops | (T, S) | one row per output word, in nats |
# | edits | step: (S,) | the weights of one step, set by hand |
#
# Next: [08, is the most likely word the best choice?](08_decoding.ipynb)
#
# **Stretch (optional).** Occlusion needs no attention. Draw the occlusion map of `french-none` for *Elle a mangé un gâteau*, and compare it with that of `french-dot`. What does a model need that has no place to look?
