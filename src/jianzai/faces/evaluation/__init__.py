"""What an engine gets wrong, with counts and intervals: on anybody's folders of pictures, by one command.

``pictures`` reads folders, ``measuring`` turns pictures into vectors, ``rates`` counts, ``report`` writes;
``statistics`` holds the intervals. Words as in ISO/IEC 19795-1.
"""

from .statistics import Rate, rate, threshold_at

__all__ = ["Rate", "rate", "threshold_at"]
