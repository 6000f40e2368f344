"""The words a reader says of a file: its encoding, its delimiter, how a column was chosen.

By themselves, so that whoever compares a reader's words with them (`intake.belief`) loads no
parser.
"""

UTF_8, CP932, EUC_JP = "utf-8", "cp932", "euc-jp"
UTF_16_LE, UTF_16_BE = "utf-16-le", "utf-16-be"
ENCODINGS = (UTF_8, CP932, UTF_16_LE, UTF_16_BE, EUC_JP)  # what a manager may say, too

DELIMITERS = (",", "\t", ";", "|")

HAND, TEMPLATE, SYNONYM, CONTENT = "hand", "template", "synonym", "content"
