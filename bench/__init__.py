"""Every figure of the README's performance table, each with its command."""
