"""Is the paper about language models at all? What is not gets no suggestion."""

from collections.abc import Sequence
from itertools import pairwise

from ingest.suggest.text import raw_words, stems


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


def closeness(raw: Sequence[str], normal: Sequence[str]) -> float:
    """1 for a paper on language models, nearly 0 for one on something else.

    From the words of title and abstract, as written and in normal form.
    """
    present = set(normal)
    if not (
        _SURE.isdisjoint(present)
        and _SURE_AS_WRITTEN.isdisjoint(raw)
        and _SURE_PAIRS.isdisjoint(pairwise(normal))
    ):
        return 1.0
    share = len(present & _LIKELY) / (2 if len(normal) < SHORT else ENOUGH_CUES)
    return LIKELY if share >= 1 else max(OFF_TOPIC, UNLIKELY * share)
