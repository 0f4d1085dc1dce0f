"""The Hugging Face Hub: the client, files of repositories, pushing, and pulling a pushed set back."""
