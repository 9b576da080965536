"""What a server is asked, so that it does something."""

import requests

from podium import ADMIN_KEY_ID, ADMIN_KEY_SECRET, SECRET, Server

LOGIN = {"keyId": ADMIN_KEY_ID, "keySecret": ADMIN_KEY_SECRET}


def save_an_integration(server: Server) -> dict[str, str]:
    """Signs in and saves one, `x`; answers the header of who has signed in."""
    token = requests.post(f"{server.url}/token", json=LOGIN).json()["token"]
    headers = {"X-Authorization": token}
    body = {"type": "openai", "category": "AI_MODEL", "configuration": {"api_key": SECRET}}
    saved = requests.post(f"{server.url}/integrations/provider/x", json=body, headers=headers)
    assert saved.status_code == 200, saved.text
    return headers
