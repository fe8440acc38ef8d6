"""A release in the terms of schema.org, for search engines.

Source: https://schema.org/Dataset
"""

from collections.abc import Sequence
from typing import Any

from destgraph.release.metadata import KEYWORDS, File, Release


def schema_org(release: Release, files: Sequence[File]) -> dict[str, Any]:
    """Describe a release as a schema.org Dataset, in JSON-LD."""
    agent = {"@type": "Organization", "@id": release.agent, "name": release.agent_name}
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": release.iri,
        "name": release.title,
        "description": release.description,
        "version": release.version,
        "url": release.base + "index.html",
        "identifier": release.iri,
        "isBasedOn": release.source,
        "license": release.license,
        "inLanguage": list(release.languages),
        "isAccessibleForFree": True,
        "datePublished": release.issued,
        "dateModified": release.modified,
        "keywords": list(KEYWORDS),
        "creator": agent,
        "publisher": agent,
        "distribution": [_download(release, file) for file in files],
    }


def _download(release: Release, file: File) -> dict[str, str]:
    return {
        "@type": "DataDownload",
        "name": file.title,
        "contentUrl": release.base + file.name,
        "encodingFormat": file.compressed or file.media_type,
        "contentSize": f"{file.size} B",
        "sha256": file.sha256,
    }
