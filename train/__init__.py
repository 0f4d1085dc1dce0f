"""Fine-tuning of vision-language models on synthetic and real catalogues."""
