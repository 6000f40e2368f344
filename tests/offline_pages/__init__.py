"""The offline pages in a real Chromium, opened as files, without network and without platform."""
