"""What text XML can hold."""

import re

NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""A character that XML 1.0 has no place for (https://www.w3.org/TR/xml/#charsets)."""
