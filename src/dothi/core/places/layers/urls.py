"""Addresses of the pages of layers, under /places/layers/."""

from django.urls import path

from dothi.core.places.layers.views import changes, deeds, listing, pages, uploads

urlpatterns = [
    path("", listing.list_layers, name="layers"),
    path("new/", listing.new_layer, name="layer-new"),
    path("<slug:slug>/", pages.show_layer, name="layer"),
    path("<slug:slug>/features.geojson", pages.send_features, name="layer-geojson"),
    path("<slug:slug>/features/<int:fid>/", deeds.show_feature, name="feature"),
    path("<slug:slug>/features/<int:fid>/change/", deeds.change_feature, name="feature-change"),
    path("<slug:slug>/features/<int:fid>/remove/", deeds.remove_feature, name="feature-remove"),
    path("<slug:slug>/revisions/<int:number>/", pages.show_revision, name="revision"),
    path("<slug:slug>/revisions/<int:number>/changes.geojson", changes.send_changes, name="revision-changes"),
    path("<slug:slug>/revisions/<int:number>/review/", deeds.review, name="revision-review"),
    path("<slug:slug>/revisions/<int:number>/publish/", deeds.publish, name="revision-publish"),
    path("<slug:slug>/revisions/<int:number>/discard/", deeds.discard, name="revision-discard"),
    path("<slug:slug>/revisions/<int:number>/restore/", deeds.restore, name="revision-restore"),
    path("<slug:slug>/revisions/<int:number>/download/<str:form>/", pages.download, name="revision-download"),
    path("<slug:slug>/uploads/", uploads.give_file, name="upload-new"),
    path("<slug:slug>/uploads/<int:upload_id>/", uploads.show_upload, name="upload"),
    path("<slug:slug>/uploads/<int:upload_id>/again/", uploads.examine_again, name="upload-again"),
    path("<slug:slug>/uploads/<int:upload_id>/accept/", uploads.accept, name="upload-accept"),
    path("<slug:slug>/uploads/<int:upload_id>/cancel/", uploads.cancel, name="upload-cancel"),
]
