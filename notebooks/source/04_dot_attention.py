# %% [markdown]
# # 04 Dot attention
#
# **How can the decoder look back?** By comparing its own state with every state of the encoder, and mixing those by how well they match.
#
# After this chapter you can
# - **compute** dot-product scores, attention weights and a context vector, by hand and for a whole batch,
# - **mask** the pads of a batch so that no attention is lost on them,
# - **assemble** one whole decoder step, from the scores to the prediction,
# - **measure** what attention is worth on long sentences.
#
# About 50 minutes. Comes after 03, where one vector had to carry a whole sentence.
#
# ```
#   encoder states h̄_s:     il        me       voit
#                            │         │         │
#   scores   h_t · h̄_s      2.0       1.0       3.0     ◄── compared with h_t
#                            │         │         │
#   weights  softmax        0.24      0.09      0.67    sum to 1
#                            └────┬────┴────┬────┘
#   context  weighted sum         c_t  ──►  [c_t ; h_t]  ──►  next word: "sees"
# ```

# %% [markdown]
# ## Setup

# %%
import torch

from s2s_lib import Attention, Decoder, DotScore, Translator, Vocabs, batches, build_model
from s2s_lib import accuracy_by_length, corpora, evaluate, fit, masked_softmax, plots
from s2s_lib.course import check, hint, predict, progress, reveal, show_source
from s2s_lib.widgets import AttentionExplorer, StepThrough, TrainingMonitor

# %% [markdown]
# ## The problem
#
# `french-none` is a translator without attention: its decoder starts from the encoder's last state, 128 numbers, and never sees anything else of the source. It was
# trained on 8,000 sentences of a made-up but correct French. A short sentence and a longer one:

# %%
vanilla = Translator.load("french-none")
long = "Elle a vu les chats noirs dans la cuisine quand nous avons parlé à mes amis"
print(vanilla.translate("Il nous a entartés").text)
print(vanilla.translate(long).text)

# %% [markdown]
# The first is right: *entarter* is what Quebec calls hitting someone with a pie. The second begins well and goes on as a good English sentence, but another one: the
# cats are lost, and so are the friends. That is no accident of these two. Over 500 test sentences, grouped by length:

# %% figure="Share of exact translations over source length without attention: highest for the shortest sentences, then falling to zero."
test = corpora.french().test
groups = {"none": accuracy_by_length(vanilla.translate_many(pair.src for pair in test), test)}
plots.accuracy_by_length(groups).figure

# %% [markdown]
# The curve falls with length: the vector does not grow with the sentence, so the longer the sentence, the more must be left out. This is the *bottleneck* of chapter 03.
#
# Yet the encoder *had* a state for each word. They were thrown away, all but the last. Attention keeps them.

# %% [markdown]
# ## A score for every source word
#
# Call the decoder's state at step $t$ the *query* $h_t$, and the encoder's state at source word $s$ a *key* $\bar h_s$. The simplest way to ask how well two vectors match is
# their dot product (Luong et al. 2015, eq. 8):
#
# $$e_{ts} = \text{score}(h_t, \bar h_s) = h_t^\top \bar h_s$$
#
# Four numbers per state are enough to do it by hand:

# %%
h_bar = torch.tensor(
    [
        [2.0, 0.0, 0.0, 1.0],  # il
        [0.0, 1.0, 1.0, 0.0],  # me
        [1.0, 0.0, 2.0, 0.0],  # voit
    ]
)
h_t = torch.tensor([1.0, 0.0, 1.0, 0.0])
scores = h_bar @ h_t
scores

# %% [markdown]
# $h_t$ has a 1 in the first and in the third place, so a score is the sum of these two numbers of each key: $2+0$, $0+1$ and $1+2$. *voit* matches best.
#
# In training there are B sentences with T output steps and S source words each, and all scores come out of one matrix product, of shape `(B, T, S)`.

# %% [markdown]
# ### Exercise 04-dot-score
#
# Write `my_dot_score(query, keys)`: `query` is `(B, T, H)`, `keys` is `(B, S, H)`, and entry `[b, t, s]` of the result, `(B, T, S)`, is the dot product of query `[b, t]` and key
# `[b, s]`. With the numbers above as a batch of one, it gives `[[[2, 1, 3]]]`.
#
# *Difficulty 1 of 3, 10 minutes, no loop needed.*
#
# <details><summary>First hint</summary>
#
# Entry [b, t, s] compares which query with which key? Which axis is summed away?
#
# </details>


# %% exercise="04-dot-score"
def my_dot_score(query, keys):
    """Score every query (B, T, H) against every key (B, S, H)."""
    ### BEGIN SOLUTION
    return query @ keys.transpose(1, 2)  # (B, T, S)
    ### END SOLUTION


# %% check="04-dot-score"
check("04-dot-score", my_dot_score)

# %% [markdown]
# ### In the library: `DotScore`

# %%
show_source(DotScore, after="04-dot-score")

# %% [markdown]
# ## From scores to weights
#
# A softmax over the source words turns the scores into weights that are positive and sum to 1:
#
# $$a_{ts} = \frac{\exp(e_{ts})}{\sum_{s'} \exp(e_{ts'})}$$
#
# ### Predict, then run
#
# The scores are 2, 1 and 3. What happens to the weights if 100 is added to each score?
#
# - **a** they come closer to each other: 102, 101 and 103 are almost the same number
# - **b** they stay as they are
# - **c** the largest gets almost everything
#
# <details><summary>Why each one tempts</summary>
#
# **a**: as *ratios* the scores do come closer. **b**: a softmax looks at differences. **c**: exp(103) is huge, but so is exp(102).
#
# </details>

# %%
predict("04-shift", answer=None)

# %%
print([round(weight, 2) for weight in scores.softmax(dim=0).tolist()])
print([round(weight, 2) for weight in (scores + 100).softmax(dim=0).tolist()])
reveal("04-shift")

# %% [markdown]
# Only the differences between scores matter: one point more is a factor of *e* in the weight.
#
# ### Pads
#
# Sentences of a batch are padded to one length, and a pad has a state too. It must get no weight at all, whatever its score. So a pad's score is replaced by $-\infty$ *before* the
# softmax: $\exp(-\infty)$ is exactly 0, and the rest still sums to 1.
#
# ### Exercise 04-masked-softmax
#
# Write `my_masked_softmax(scores, mask)`: `scores` is `(B, T, S)`, `mask` is `(B, S)` and True at real tokens. Return the weights, `(B, T, S)`: 0 at the pads, each row summing to 1.
# Leave `scores` as they are. If the third word is a pad, the scores `[2, 2, 5]` give `[0.5, 0.5, 0]`.
#
# *Difficulty 2 of 3, 15 minutes.*
#
# <details><summary>First hint</summary>
#
# Which score would a pad need so that the softmax gives it exactly 0?
#
# </details>


# %% exercise="04-masked-softmax"
def my_masked_softmax(scores, mask):
    """Softmax over the source positions where `mask` is True."""
    ### BEGIN SOLUTION
    scores = scores.masked_fill(~mask.unsqueeze(1), float("-inf"))  # (B, T, S), a copy
    return scores.softmax(dim=2)
    ### END SOLUTION


# %% check="04-masked-softmax"
check("04-masked-softmax", my_masked_softmax)

# %% [markdown]
# ### In the library: `masked_softmax`

# %%
show_source(masked_softmax, after="04-masked-softmax")

# %% [markdown]
# ## From weights to a word
#
# The weights mix the encoder's states into one vector, the *context*. It is put beside the decoder's own state, and a layer $W_c$ makes the prediction of the two
# (Luong et al. 2015, eq. 5 and 6):
#
# $$c_t = \sum_s a_{ts} \bar h_s \qquad p(y_t) = \text{softmax}(W_s \tanh(W_c [c_t; h_t]))$$
#
# By hand again, with the three states from above:

# %%
a_t = scores.softmax(dim=0)
c_t = a_t @ h_bar
print("weights", [round(number, 2) for number in a_t.tolist()])
print("context", [round(number, 2) for number in c_t.tolist()])

# %% [markdown]
# The context is nearest to the state of *voit*, from which two thirds of it come: $0.67 \cdot 2 + 0.09 \cdot 1 \approx 1.42$ in the third place.
#
# ### Exercise 04-attend: one whole step
#
# Write `my_attend(query, states, mask, to_logits)`. `query` is `(B, T, H)`, `states` is `(B, S, H)`, `mask` is `(B, S)`; `to_logits` is a function that takes `[context; query]`, the context
# first, of shape `(B, T, 2H)`, and returns `(B, T, V)`. Return two things: the logits, and the weights `(B, T, S)`. You may use `masked_softmax`.
#
# *Difficulty 2 of 3, 15 minutes.*
#
# <details><summary>First hint</summary>
#
# The context is a mean of the encoder's states. What are its weights, and over which axis does it sum?
#
# </details>


# %% exercise="04-attend"
def my_attend(query, states, mask, to_logits):
    """Scores, weights, context, [context; query], logits."""
    ### BEGIN SOLUTION
    scores = query @ states.transpose(1, 2)  # (B, T, S)
    weights = masked_softmax(scores, mask)  # (B, T, S)
    context = weights @ states  # (B, T, H)
    logits = to_logits(torch.cat([context, query], dim=2))  # (B, T, V)
    return logits, weights
    ### END SOLUTION


# %% check="04-attend"
check("04-attend", my_attend)

# %% [markdown]
# ### In the library: `Attention` and the decoder's prediction

# %%
show_source(Attention, Decoder.predict, after="04-attend")

# %% [markdown]
# ### The same with real numbers
#
# Here `french-dot`, a translator with dot attention, says *I see the black cat*. Press *Next* to go from stage to stage: state, scores, softmax, context, next word, and on to the next step. Click another source word to see its
# score as a sum. From step 2 on, tick *predict first* and choose each word before it is shown.

# %% figure="Heatmap of I see the black cat over Je vois le chat noir: black looks at noir and cat at chat, crossing each other."
dot = Translator.load("french-dot")
StepThrough(dot.translate("Je vois le chat noir"))

# %% [markdown]
# It is the arithmetic that you have written, with 128 numbers to a state instead of four. Stop at step 4, where `i see the` is written. The score of *noir*, a sum of 128 products, is 21.52, and the next best, that of *chat*, 11.79. What counts
# is the difference: $e^{-9.73}$ is about one in 17,000, so *noir* has practically all the weight, the context is its state, and the word is `black`. In step 6 three scores are close, 9.31 for *noir*, 7.65 for *chat* and 6.78 for *le*, and share the weight: 0.79, 0.15 and 0.06.
#
# ## A model of your own
#
# Everything is there for a translator. To train one within a minute, take the small edition of the French corpus: the same grammar, about 80 words. The whole model:

# %%
corpus = corpora.french(size="small")
src_vocab, trg_vocab = Vocabs.of(corpus)
shuffle = torch.Generator().manual_seed(0)
train = batches(corpus.train, src_vocab, trg_vocab, batch_size=64, generator=shuffle)
valid = batches(corpus.valid, src_vocab, trg_vocab, batch_size=100)
model = build_model(len(src_vocab), len(trg_vocab), attention="dot", embedding_dim=64, hidden_size=128, num_layers=1)

# %% [markdown]
# ### Predict, then run
#
# The model sees the 8,000 sentences three times. What share of the words of unseen sentences does it then predict, when it reads the true words before them?
#
# - **a** about a third: three times is little
# - **b** about three quarters
# - **c** more than nine tenths
#
# <details><summary>Why each one tempts</summary>
#
# **a**: real translators train for hours. **b**: this is about what the same model reaches without attention, after four times through the sentences. **c**: with attention, each word of this corpus is nearly a matter of looking
# at the right place.
#
# </details>

# %%
predict("04-words", answer=None)

# %% figure="Before the training: a heatmap of nine columns that are all alike, the true alignment outlined."
mine = Translator(model, src_vocab, trg_vocab)
pair = next(pair for pair in corpus.test if 6 <= len(pair.src) <= 10)
monitor = TrainingMonitor(mine, pair.src, forced=pair.trg, gold=pair.alignment)
monitor

# %% [markdown]
# The monitor watches one unseen sentence during the training. Its rows are the words of the true translation, and the orange frames the true alignment, which the corpus knows because its grammar made both sentences at once. So far
# each of the nine source words has about the same weight, a ninth. Run the next cell and look up here. Which comes first: does the loss fall, or does the map take shape?
#
# *Stop* ends the training after the step under way and keeps the model as it then is. After the training, *look back* leads through it again.

# %%
fit(model, train, valid, epochs=3, warmup=0.1, progress=False, on_event=monitor)
loss, accuracy = evaluate(model, valid)
print(f"more than 90 % of the words right: {'yes' if accuracy > 0.9 else 'no'}")
reveal("04-words")

# %% [markdown]
# The loss of every step, and where your model looks at the end, as a picture that stays:

# %% figure="Left: the loss falls from above 4 to near 0 in 375 steps. Right: heatmap of your own model on one test sentence, the true alignment outlined in orange."
monitor.figure()

# %% [markdown]
# The loss begins to fall first. When it has gone from above 4 to 3.7 or 3.8, near step 20, the model has learned which words are frequent, and the map is still nearly even. (*Look back* to see it.) Then the rows find their words, the loss falls below 1, and
# by step 100 most rows have nearly all their weight on one word. So it was with three seeds.
#
# Most dark cells lie inside the frames, and nobody told the model what an alignment is. It was paid for predicting the next word, and looking at the right place pays.
#
# ## The length plot again
#
# Back to the full grammar and to the sentences with which the chapter began, with a translator that differs from the first in one thing, its dot attention:

# %% figure="Exact translations over source length: with dot attention high at every length, without attention falling to zero."
groups["dot"] = accuracy_by_length(dot.translate_many(pair.src for pair in test), test)
plots.accuracy_by_length(groups).figure

# %% [markdown]
# With attention the curve falls only a little: a longer sentence has more states to look at, and the decoder needs only a few of them at a time. And the long sentence of the beginning? Type, and switch between three
# models: *dot* and *none*, which differ in their attention alone, and *mine*, the one that you have trained.

# %% figure="Heatmap of dot attention on the long sentence: dark cells run along the diagonal, black and cats crossing."
AttentionExplorer({"dot": dot, "none": vanilla, "mine": mine}, long)

# %% [markdown]
# *dot* keeps the cats and the friends. *none* has no map, since it looks nowhere: it gets `Il nous a entartés` right, but already makes horses of the cats in `Elle a vu les chats noirs`. *mine* reads seven words of the long sentence as `<unk>`; on short
# sentences of the 80 words that it knows it does well. And *dot* is not perfect: take away the last three words, and it has us talk *to us*: in its corpus, one nearly always talks to somebody.

# %%
progress("04")

# %% [markdown]
# ## Recap
#
# - A **score** compares the decoder's state with one encoder state; dot attention takes their dot product and has no parameter of its own.
# - **Weights** are a softmax of the scores over the real tokens; pads get exactly 0.
# - The **context** is the mean of the encoder's states under these weights, and stands beside the decoder's state when the next word is predicted.
#
# | name | shape | |
# |---|---|---|
# | query $h_t$ | (B, T, H) | the decoder's states |
# | keys $\bar h_s$ | (B, S, H) | the encoder's states |
# | scores, weights | (B, T, S) | one row per output word |
# | context $c_t$ | (B, T, H) | one vector per output word |
# | $[c_t; h_t]$ | (B, T, 2H) | what the prediction is made of |
#
# Next: [05, what is a good score?](05_attention_variants.ipynb)
#
# **Stretch (optional).** Divide the scores of `my_attend` by the square root of H, as the Transformer does. Why does the check reject it, and what would change in training?
