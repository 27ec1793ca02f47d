# %% [markdown]
# # 00 Start here
#
# **What will I build?** A translator that reads French and writes English, and that shows where it looks while it writes.
#
# After this chapter you can
# - **use** the finished translator and **read** its attention heatmap,
# - **tell** what the encoder, the decoder and attention do in one sentence each,
# - **work** with predictions, checks, hints and progress, which every later chapter uses.
#
# About 20 minutes. Nothing comes before this chapter; you need some Python and a first acquaintance with PyTorch tensors.
#
# ```
#    un    chat   noir                     a    black   cat   <eos>
#     │      │      │                      ▲      ▲      ▲      ▲
#   ┌─▼──────▼──────▼─┐   one vector     ┌─┴──────┴──────┴──────┴─┐
#   │     encoder     ├─── per word ────►│        decoder         │
#   └─────────────────┘                  └─▲──────▲──────▲──────▲─┘
#                                        <sos>    a    black   cat
# ```
#
# The encoder reads the French words and leaves a vector for each. The decoder writes the English words one at a time. Each time, it
# reads the word it wrote last, and *attention* lets it look back at the encoder's vectors. Start and end are marked by two
# made-up words, `<sos>` and `<eos>`.

# %% [markdown]
# ## Setup
#
# Run a cell with **Shift + Enter**. This one imports what the chapter needs and says whether everything is in place.

# %%
import torch

from s2s_lib import Translator, heatmap, weights_heatmap
from s2s_lib.course import check, hint, predict, progress, ready, reveal
from s2s_lib.widgets import AttentionExplorer

ready()

# %% [markdown]
# ## See it work
#
# Type a French sentence into the field. The translation and the heatmap follow as you type, without the network.
#
# The translator has read 29,000 captions of photographs and nothing else. So it is good at people, dogs, bicycles and what they do, and lost
# in politics. Try these, then your own:
#
# - `Un chien noir court dans l'herbe verte.`
# - `Une femme âgée lit le journal sur un banc.`
# - `Deux enfants jouent avec Zidane.` (a word that it has never seen)
# - `Le président signe la loi.` (a subject that it has never seen)

# %% figure="Heatmap of a translation: English words as rows, French words as columns, dark where the decoder looked."
translator = Translator.load("fr-en")
AttentionExplorer(translator, "Un chien noir court dans l'herbe verte.")

# %% [markdown]
# Each row of the picture is an English word that was written, each column a French word that could be looked at. The darker a cell, the
# more the decoder looked there when it wrote the word; a row sums to 1. `<eos>` is the decoder's way of saying that it is done.
#
# ### Two things to try
#
# Type the sentence of the black dog again.
#
# 1. **What else could it have said?** Point at the row of `runs`. Beside the map stand the words that the decoder found likeliest for this place: `runs` with a
#    probability of 0.64, and then `is`, the beginning of *is running*, with 0.29.
# 2. **What if it had looked elsewhere?** In the row of `black`, click the cell under *verte*, which means green. Then press the button *only this word*: all the weight of the row
#    goes there, and the decoder writes on from there. What does it say now?
#
# <details><summary>What you should see</summary>
#
# *A green dog runs through the green grass.* The pencil ✎ marks the row that was set by hand, ≠ the words that have changed, and *reset all* brings the black dog back.
#
# Now give all the weight of that row to *chien*, the dog itself. Nothing changes: `black` again. So the picture shows **where** the decoder looked, not **why** it chose a word.
# Chapter 07 asks why.
#
# </details>

# %% [markdown]
# ## Why this is not easy
#
# Could a dictionary do the same? Replace each word by its translation:

# %%
dictionary = {"un": "a", "chien": "dog", "noir": "black", "court": "runs"}
dictionary |= {"dans": "in", "l'": "the", "herbe": "grass"}
print(" ".join(dictionary[word] for word in ["un", "chien", "noir", "court", "dans", "l'", "herbe"]))

# %% [markdown]
# Two things went wrong. French says *a dog black*, so the **order** has to change. And a dictionary has one answer per word, while the right one
# hangs on the **neighbours**: *court* means *runs* here and *short* in *un film court*.
#
# A sequence-to-sequence model reads the whole sentence before it writes the first word. That solves both, and it brings a new
# question: how does the decoder find, among all that was read, what it needs for the next word?

# %% [markdown]
# ## Reading a heatmap
#
# Here are the weights of a translation made by hand, so that you can read every number.
#
# ### Predict, then run
#
# The French sentence is `un chat noir dort`, the English one `a black cat sleeps`. In the row of `black`, where does the largest weight stand?
#
# - **a** in the second column, since `black` is the second word
# - **b** in the third column
# - **c** nowhere: all four weights are about alike
#
# <details><summary>Why each one tempts</summary>
#
# **a**: English and French often keep their words in order, and a dictionary would.
# **b**: a French adjective usually stands after its noun.
# **c**: nobody has told the decoder which word to look at; it had to learn that by itself.
#
# </details>
#
# Put your letter in place of `None`, as in `answer="a"`, and run both cells.

# %%
predict("00-order", answer=None)

# %% figure="Heatmap of a black cat sleeps over un chat noir dort: black looks at noir, cat at chat, crossing each other."
src = ["un", "chat", "noir", "dort"]
trg = ["a", "black", "cat", "sleeps"]
weights = torch.tensor(
    [
        [0.90, 0.05, 0.03, 0.02],
        [0.02, 0.15, 0.80, 0.03],
        [0.05, 0.75, 0.15, 0.05],
        [0.00, 0.10, 0.05, 0.85],
    ]
)
reveal("00-order")
weights_heatmap(weights, src, trg).figure

# %% [markdown]
# The dark cells run down the diagonal and cross in the middle: that crossing is the change of order.

# %% [markdown]
# ### Exercise 00-read: where does it look?
#
# Write `my_read(weights, src)`. `weights` is a tensor of shape `(T, S)`, one row per output word; `src` is a list of the S source words. Return a list
# of T words: for each output word, the source word with the largest weight.
#
# For the heatmap above the answer is `["un", "noir", "chat", "dort"]`.
#
# *Difficulty 1 of 3, 5 minutes, 1 point.*
#
# <details><summary>First hint</summary>
#
# One output word is one row of `weights`. Where in its row does it look most?
#
# </details>


# %% exercise="00-read"
def my_read(weights, src):
    """Give the source word that each output word looks at most."""
    ### BEGIN SOLUTION
    return [src[s] for s in weights.argmax(dim=1)]
    ### END SOLUTION


# %% check="00-read"
check("00-read", my_read)

# %% [markdown]
# A check never stops the notebook. If your answer is wrong, it shows the smallest example on which it is, names the misunderstanding if it knows it, and
# gives a hint. Ask for the next hint with `hint`, and see how far you are with `progress`:

# %%
hint("00-read")
progress("00")

# %% [markdown]
# ### The library's word for the same
#
# `translate` returns a `Trace`: the words, the text, and everything that was computed on the way. With `edits`, it takes weights set by hand, one list for each step that is to be
# changed. Here is the dog that turned green:

# %% figure="Heatmap of A green dog runs through the green grass: the row of the first green, set by hand, is dark at verte."
sentence = "Un chien noir court dans l'herbe verte."
print(translator.translate(sentence).text)
verte = [0, 0, 0, 0, 0, 0, 0, 1, 0]  # all weight on the eighth of nine words
trace = translator.translate(sentence, edits={1: verte})
print(trace.text)
heatmap(trace).figure

# %% [markdown]
# The second row, number 1 for Python, is the one that was set by hand; all other rows are the decoder's own. With one row per English word and the weights of each row adding
# up to 1, this is the same kind of picture as the one above.

# %% [markdown]
# ## Work in a copy
#
# An update of the workbook brings new notebooks, and must not meet your answers. In a terminal, in the workbook's folder:
#
# ```
# python -m s2s_lib.course start
# ```
#
# copies all chapters to the folder `my`, which updates never touch. Open them there. Each chapter stands alone: it runs without the ones before it.

# %% [markdown]
# ## Glossary
#
# The lecture that this workbook grew from was held in Korean. Its terms, in the order in which they come up:
#
# | English | Korean | in one line |
# |---|---|---|
# | token | 토큰 | a word or sign, the unit that the model reads and writes |
# | vocabulary | 어휘 집합 | the table that gives each token a number |
# | padding | 패딩 | filling up short sentences so that a batch is a rectangle |
# | encoder, decoder | 인코더, 디코더 | the part that reads, the part that writes |
# | hidden state | 은닉 상태 | the vector in which a recurrent network keeps what it has read |
# | bottleneck | 병목 | one vector of fixed size for a sentence of any length |
# | attention score | 어텐션 점수 | how well a decoder state matches an encoder state |
# | attention weight | 어텐션 가중치 | the scores after a softmax |
# | context vector | 컨텍스트 벡터 | the encoder states, mixed by the weights |
# | teacher forcing | 교사 강요 | reading the true previous word in training, and not one's own |

# %% [markdown]
# ## Recap
#
# - The **encoder** reads and leaves a vector per source word; the **decoder** writes a word at a time; **attention** lets it look back.
# - A row of a heatmap is an output word, a column a source word, and a row sums to 1.
# - Predict before you run, check what you write, ask for a hint when stuck.
#
# | name | shape | |
# |---|---|---|
# | `weights` | (T, S) | one row per output word, one column per source word |
#
# Next: [01, how does a sentence become numbers?](01_text_to_tensors.ipynb)
