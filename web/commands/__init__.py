"""The commands of `lintas`, one group a file."""
