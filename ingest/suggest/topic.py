"""Is the paper about language models at all? What is not gets no suggestion."""

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.reading import Reading
from ingest.suggest.text import raw_words, stems
from ingest.suggest.words import GAP, Lookup


def _normal(listed: str) -> frozenset[str]:
    return frozenset(stems(listed.split()))


def _phrases(listed: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(stems(raw_words(phrase))) for phrase in listed.split(", "))


# Each of these says it alone.
_SURE = _normal(
    "llm vlm plm mllm lvlm lrm gpt gpt2 gpt3 gpt4 chatgpt codegpt instructgpt bert "
    "roberta deberta scibert biobert codebert distilbert llama llama2 llama3 vicuna "
    "alpaca mixtral qwen deepseek t5 bart lamda rlhf nlp chatbot jailbreak jailbroken "
    "tokenizer tokenization dialogue dialog seq2seq lora peft conversational chatting "
    "paraphrase text2sql codex copilot"
)
_SURE_AS_WRITTEN = frozenset(
    {"PaLM", "Claude", "Gemini", "Mistral", "BLOOM", "LMs", "LM", "RAG"}
)
_SURE_PAIRS = _phrases(
    "language model, language modeling, language modelling, natural language, chain "
    "thought, instruction tuning, prompt tuning, prompt engineering, prompt injection, "
    "prompt learning, retrieval augmented, generative ai, text generation, question "
    "answering, pretrained model, pretrained transformer, program synthesis, long "
    "context, context window, context length, generated text, neural text, machine "
    "translation, text sql, speculative sampling, speculative decoding, response "
    "generation, efficient transformer, language generation, context learning, chat "
    "bot, story generation"
)
# Several of these together say it.
_LIKELY = _normal(
    "transformer attention token embedding text textual corpus corpora linguistic "
    "summarization translation sentence word conversation generative pretraining "
    "pretrained finetuning finetuned encoder reasoning agent agentic utterance semantic "
    "benchmark dataset instruction knowledge bleu story legal code coding program "
    "programming adversarial downstream prompt prompting hallucination fairness bias "
    "foundation"
)
ENOUGH_CUES = 4
SHORT = 40  # words: a title alone says too little to be judged off topic
LIKELY = 0.8
UNLIKELY = 0.2
OFF_TOPIC = 0.02


def closeness(reading: Reading) -> NDArray[np.float32]:
    """1 for a paper on language models, nearly 0 for one on something else.

    From the words of title and abstract, as written and in normal form.
    """
    known, count = reading.words, len(reading)
    said = np.flatnonzero(reading.forms != GAP)  # the abstract goes on where the title ends
    forms, owner = reading.forms[said], reading.owner[said]
    sure = _sure.of(known.forms)[forms] > 0
    sure |= _sure_as_written.of(known.written)[reading.written[said]] > 0
    begins, ends = _beginning.of(known.forms)[forms], _ending.of(known.forms)[forms]
    sure[:-1] |= _is_pair[begins[:-1], ends[1:]] & (owner[:-1] == owner[1:])
    is_sure = np.bincount(owner[sure], minlength=count) > 0
    likely = _likely.of(known.forms)[forms]
    present = np.zeros((count, len(_LIKELY)), bool)
    cues = np.flatnonzero(likely >= 0)
    present[owner[cues], likely[cues]] = True
    words = np.bincount(owner, minlength=count)
    share = present.sum(axis=1) / np.where(words < SHORT, 2, ENOUGH_CUES)
    weak = np.where(share >= 1, LIKELY, np.maximum(OFF_TOPIC, UNLIKELY * share))
    return np.where(is_sure, 1.0, weak).astype(np.float32)


_sure = Lookup(dict.fromkeys(_SURE, 1), 0)
_sure_as_written = Lookup(dict.fromkeys(_SURE_AS_WRITTEN, 1), 0)
_likely = Lookup({word: at for at, word in enumerate(sorted(_LIKELY))})
# Number 0 stands for all words that begin, or end, none of the pairs.
_begins, _ends = (
    {word: at for at, word in enumerate(sorted({pair[part] for pair in _SURE_PAIRS}), start=1)}
    for part in (0, 1)
)
_beginning, _ending = Lookup(_begins, 0), Lookup(_ends, 0)
_is_pair = np.zeros((len(_begins) + 1, len(_ends) + 1), bool)
for _one, _other in _SURE_PAIRS:
    _is_pair[_begins[_one], _ends[_other]] = True
