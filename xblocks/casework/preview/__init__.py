"""The local server behind `casework serve`: built packages, seen and played as Open edX would show them.

The only layer that knows xblock-sdk and xblocks-contrib. Nothing in here is installed with an LMS, and no rule of a
case, no text of a course and no review logic belongs here: what is seen comes out of the package and its blocks.
"""
